import { AuthError } from '../../../errors.js'
import { createSlots } from '../../slots.js'
import type { Channel } from './channel.js'

/** Half of what HTTP.sys keeps an idle connection for (120 s): one that is about to be closed is not used. */
const idleMs = 60_000

/**
 * The authenticated connections of one session. A command's Receive holds one for as long as it waits; everything else shares the
 * others. A refused logon is remembered, whether the connection or, with Basic, a message was refused: the password is not sent again.
 * Until one logon has succeeded no second one is tried beside it.
 */
export class ChannelPool {
  readonly #open: (signal?: AbortSignal) => Promise<Channel>
  readonly #idle: { channel: Channel; since: number }[] = []
  readonly #busy = new Set<Channel>()
  readonly #logons = createSlots(1)
  #refused: AuthError | undefined
  #isProven = false
  #closed = false

  constructor(open: (signal?: AbortSignal) => Promise<Channel>) {
    this.#open = open
  }

  /** How the logon was refused, if it was. */
  get refused(): AuthError | undefined {
    return this.#refused
  }

  /** Calls `act` with a connection that nobody else uses meanwhile. */
  async use<T>(act: (channel: Channel) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#refused !== undefined) throw this.#refused
    const channel = this.#takeIdle() ?? (await this.#openAnother(signal))
    this.#busy.add(channel)
    try {
      return await act(channel)
    } catch (error) {
      if (error instanceof AuthError) this.#refused = error
      throw error
    } finally {
      this.#busy.delete(channel)
      channel.rest()
      if (this.#closed || !channel.usable) channel.close()
      else this.#idle.push({ channel, since: performance.now() })
    }
  }

  /** Ends every connection, whatever is under way on it. */
  close(): void {
    this.#closed = true
    for (const { channel } of this.#idle.splice(0)) channel.close()
    for (const channel of this.#busy) channel.close()
  }

  #takeIdle(): Channel | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.channel.usable && performance.now() - last.since < idleMs) return last.channel
      last.channel.close()
    }
    return undefined
  }

  async #openAnother(signal: AbortSignal | undefined): Promise<Channel> {
    // Several at once would each count as a wrong password.
    const turn = this.#isProven ? undefined : await this.#logons.acquire(signal)
    try {
      if (this.#refused !== undefined) throw this.#refused
      const channel = await this.#open(signal)
      this.#isProven = true
      if (this.#closed) channel.close()
      return channel
    } catch (error) {
      if (error instanceof AuthError) this.#refused = error
      throw error
    } finally {
      turn?.release()
    }
  }
}
