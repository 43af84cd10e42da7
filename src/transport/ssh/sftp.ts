import type { SFTPWrapper } from 'ssh2'
import { ToolError, TransferError } from '../../errors.js'
import type { Slot } from '../slots.js'
import { connectionLost } from '../transfer-errors.js'
import type { Connection, IdleChannel } from './connection.js'
import { createPending } from './pending.js'

/** Bytes a request: ssh2 splits what does not fit, with its header, into one packet of a server other than OpenSSH. */
export const chunkBytes = 31 * 1024
/** Bytes a write to OpenSSH, which takes 256 KiB a message (its sftp-common.h); older ones read no more than 64 KiB at once. */
const openSshWriteBytes = 8 * chunkBytes
/** Bytes on their way at once, as in OpenSSH's sftp. */
export const bytesInFlight = 64 * chunkBytes

/** ssh2's callback: an error, or the value. */
type Answer<T> = (error: Error | null | undefined, value: T) => void

/** An open SFTP channel. */
export interface SftpChannel {
  /** Bytes that one write may have. */
  readonly writeBytes: number
  isOpen(): boolean
  /** Resolves when the channel or the connection is gone. */
  readonly gone: Promise<void>
  /** One request; fails with `CONNECTION_LOST` when the channel or the connection goes. */
  request<T>(send: (sftp: SFTPWrapper, answer: Answer<T>) => void): Promise<T>
}

/** The one SFTP channel of a connection: opened by the first transfer, shared by all, given up when it is idle. */
export interface Sftp extends IdleChannel {
  /** Calls `act` with the open channel. */
  use<T>(act: (channel: SftpChannel) => Promise<T>): Promise<T>
}

/** `connection` is asked for at the first use, because it in turn gives up this channel. */
export function createSftp(connection: () => Connection): Sftp {
  let opening: Promise<SftpChannel> | undefined
  let held: { sftp: SFTPWrapper; slot: Slot } | undefined
  let users = 0

  async function open(): Promise<SftpChannel> {
    const { client, openChannel, where, isOpenSsh } = connection()
    const writeBytes = isOpenSsh ? openSshWriteBytes : chunkBytes
    try {
      const { channel, slot } = await openChannel<SftpChannel & { sftp: SFTPWrapper }>(done =>
        client.sftp((error, sftp) =>
          error ? done(error) : done(undefined, { ...listen(sftp, where), writeBytes, sftp }),
        ),
      )
      const opened = { sftp: channel.sftp, slot }
      held = opened
      void channel.gone.then(() => {
        slot.release()
        if (held !== opened) return
        held = undefined
        opening = undefined
      })
      return channel
    } catch (error) {
      opening = undefined
      throw error instanceof ToolError ? error : refused(where, error)
    }
  }

  return {
    get slot() {
      return users === 0 ? held?.slot : undefined
    },
    close() {
      // Its slot is free once the server has closed it; the next transfer opens another.
      held?.sftp.end()
      held = undefined
      opening = undefined
    },
    async use(act) {
      users++
      try {
        opening ??= open()
        return await act(await opening)
      } finally {
        users--
      }
    },
  }
}

/** Called in ssh2's callback: an event that comes with the same packet would be missed later. */
function listen(sftp: SFTPWrapper, where: string): Omit<SftpChannel, 'writeBytes'> {
  const pending = createPending()
  const state = { open: true }
  const gone = new Promise<void>(resolve => {
    const lose = () => {
      state.open = false
      pending.fail(() => connectionLost(where))
      resolve()
    }
    sftp.once('close', lose)
    sftp.on('error', () => {
      sftp.end()
      lose()
    })
  })
  return {
    isOpen: () => state.open,
    gone,
    request: send =>
      pending.wait((resolve, reject) =>
        send(sftp, (error, value) => {
          if (!error) return resolve(value)
          reject(isUnanswered(error) ? connectionLost(where) : error)
        }),
      ),
  }
}

/** What ssh2 gives requests that were on their way when the channel ended. */
function isUnanswered(error: Error): boolean {
  return error.message === 'No response from server'
}

function refused(where: string, cause: unknown): TransferError {
  return new TransferError(`${where} does not take files (SFTP).`, {
    code: 'SFTP_REFUSED',
    hint: 'Its SSH server needs the sftp subsystem: Subsystem sftp sftp-server.exe in sshd_config.',
    cause,
  })
}
