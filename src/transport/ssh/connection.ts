import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'ssh2'
import { ConnectError } from '../../errors.js'
import { createSlots, type Slot } from '../slots.js'
import { connectionLost } from '../transfer-errors.js'
import type { Dialed } from './dial.js'
import { createPending } from './pending.js'

/** What commands and transfers share of one ssh2 client. */
export interface Connection {
  /** `host:port`, for messages. */
  readonly where: string
  readonly client: Client
  readonly isOpenSsh: boolean
  /** True from the moment the connection is gone or `end` was called. */
  readonly lost: boolean
  /**
   * Opens a channel with `open` when there is a slot for it. The slot is the caller's to release. When the server
   * opens no more, the channel is tried again after another has ended.
   * Throws `CONNECTION_LOST`, `CHANNEL_REFUSED`, the signal's reason, or what `open` gave.
   */
  openChannel<C>(open: OpenChannel<C>, signal?: AbortSignal): Promise<{ channel: C; slot: Slot }>
  end(): Promise<void>
  /** Ends the connection when nothing but the channel of `slot` is at work on it. */
  endIfOnly(slot: Slot): Promise<void>
}

/** A channel that is kept open between uses (SFTP), and so may be given up for a command. */
export interface IdleChannel {
  /** The slot it holds while nothing uses it; undefined while it is in use or not open. */
  readonly slot: Slot | undefined
  close(): void
}

/** Opens a channel and listens to it at once: what the server sends with the same packet comes before any promise. */
export type OpenChannel<C> = (done: OpenDone<C>) => void

export interface OpenDone<C> {
  (error: Error): void
  (error: undefined, channel: C): void
}

/** Channels that exroll has open on one connection at most; SFTP is one of them. */
export const channelLimit = 8

/**
 * OpenSSH closes a channel before it has reaped the channel's process, and counts that process against MaxSessions until then: so long, in
 * milliseconds, a refusal right after an end is worth another try.
 */
const reapMs = 5000
const retryMs = 50

/** How long a server may take to say goodbye, in milliseconds. */
const goodbyeMs = 1000

/** `idle` gives its channel up when a command has to wait for one. */
export function createConnection({ client, socket, isOpenSsh }: Dialed, where: string, idle: IdleChannel): Connection {
  const pending = createPending()
  const slots = createSlots(channelLimit, () => {
    if (idle.slot !== undefined) idle.close()
  })
  let lost = false
  let closed = false

  const lose = () => {
    lost = true
    pending.fail(() => connectionLost(where))
  }
  client.once('close', () => {
    closed = true
    lose()
  })

  async function openChannel<C>(open: OpenChannel<C>, signal?: AbortSignal): Promise<{ channel: C; slot: Slot }> {
    for (;;) {
      const slot = await pending.wait<Slot>((resolve, reject) => slots.acquire(signal).then(resolve, reject))
      try {
        const channel = await pending.wait<C>((resolve, reject) =>
          open((error: Error | undefined, opened?: C) => (error === undefined ? resolve(opened as C) : reject(error))),
        )
        return { channel, slot }
      } catch (error) {
        const refused = isOpenFailure(error)
        const worthWaiting = refused && slots.refused(slot)
        slot.release()
        if (isDisconnected(error)) lose()
        if (lost) throw connectionLost(where)
        if (worthWaiting) continue
        if (!refused) throw error
        if (slots.sinceEnd() > reapMs) throw channelRefused(where, error)
        await delay(retryMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted())
      }
    }
  }

  async function end(): Promise<void> {
    lose()
    if (closed) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(() => {
        socket.destroy()
        resolve()
      }, goodbyeMs)
      client.once('close', () => {
        clearTimeout(timer)
        resolve()
      })
      client.end()
    })
  }

  return {
    where,
    client,
    isOpenSsh,
    get lost() {
      return lost
    },
    openChannel,
    end,
    async endIfOnly(slot) {
      if (slots.others(slot, idle.slot) === 0) await end()
    },
  }
}

/** ssh2's word for a socket that takes nothing any more; its `close` comes a moment later. */
function isDisconnected(error: unknown): boolean {
  return error instanceof Error && error.message === 'Not connected'
}

/** ssh2's words for SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4254 5.1). */
function isOpenFailure(error: unknown): error is Error {
  return error instanceof Error && /Channel open failure/.test(error.message)
}

function channelRefused(where: string, cause: Error): ConnectError {
  return new ConnectError(`${where} opens no channel for a command (${cause.message}).`, {
    code: 'CHANNEL_REFUSED',
    hint: 'Does its SSH server allow sessions (MaxSessions in sshd_config)?',
    cause,
  })
}
