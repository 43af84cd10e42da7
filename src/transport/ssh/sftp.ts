import type { SFTPWrapper } from 'ssh2'
import { ToolError, TransferError } from '../../errors.js'
import { type Connection, connectionLost, type IdleChannel } from './connection.js'
import { createPending } from './pending.js'
import type { Slot } from './slots.js'

/** Bytes a request: ssh2 splits what does not fit, with its header, into one packet of a server other than OpenSSH. */
export const chunkBytes = 31 * 1024
/** Requests on their way at once, as in OpenSSH's sftp: two megabytes a round trip. */
export const requestsInFlight = 64

/** ssh2's callback: an error, or the value. */
type Answer<T> = (error: Error | null | undefined, value: T) => void

/** An open SFTP channel. */
export interface SftpChannel {
  /** False once the channel or the connection is gone. */
  readonly open: boolean
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
    const { client, openChannel, where } = connection()
    const { channel: sftp, slot } = await openChannel<SFTPWrapper>(done => client.sftp(done)).catch(error => {
      opening = undefined
      throw error instanceof ToolError ? error : refused(where, error)
    })
    const opened = { sftp, slot }
    held = opened
    return createChannel(sftp, where, () => {
      slot.release()
      if (held !== opened) return
      held = undefined
      opening = undefined
    })
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

function createChannel(sftp: SFTPWrapper, where: string, onClosed: () => void): SftpChannel {
  const pending = createPending()
  let isOpen = true
  const lose = () => {
    if (!isOpen) return
    isOpen = false
    pending.fail(() => connectionLost(where))
    onClosed()
  }
  sftp.once('close', lose)
  sftp.on('error', () => {
    sftp.end()
    lose()
  })
  return {
    get open() {
      return isOpen
    },
    request: send =>
      pending.wait((resolve, reject) => send(sftp, (error, value) => (error ? reject(error) : resolve(value)))),
  }
}

function refused(where: string, cause: unknown): TransferError {
  return new TransferError(`${where} does not take files (SFTP).`, {
    code: 'SFTP_REFUSED',
    hint: 'Its SSH server needs the sftp subsystem: Subsystem sftp sftp-server.exe in sshd_config.',
    cause,
  })
}
