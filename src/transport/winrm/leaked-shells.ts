import type { AuthError } from '../../errors.js'
import { Channel, type ChannelTarget } from './channel/channel.js'
import { ChannelPool } from './channel/channel-pool.js'
import type { Shell } from './shell/shell.js'
import { deleted } from './shell/shell-set.js'
import { WsmanClient } from './wsman/client.js'

/** How long one attempt to delete what is left over may take, in milliseconds. */
export const sweepMs = 10_000
/** When it is tried again after a loss, in milliseconds; after that the next session does it. */
const retryDelaysMs = [500, 2000, 8000]

/**
 * Shells of lost sessions: what ran in them runs on, and each counts against the account's quota, until somebody deletes them or
 * they were idle for long enough.
 */
export class LeakedShells {
  readonly #target: () => Promise<ChannelTarget>
  readonly #url: string
  #left: Shell[] = []
  #refused: AuthError | undefined
  #sweeping: Promise<void> = Promise.resolve()

  constructor(target: () => Promise<ChannelTarget>, url: string) {
    this.#target = target
    this.#url = url
  }

  /** Remembers `shells` and tries to delete them: the network is often back in a moment. */
  add(shells: readonly Shell[]): void {
    this.#left.push(...shells)
    void this.#sweepUntilGone(0)
  }

  async #sweepUntilGone(attempt: number): Promise<void> {
    await this.sweep()
    const delay = retryDelaysMs[attempt]
    if (this.#left.length === 0 || delay === undefined || this.#refused !== undefined) return
    // A process that has nothing else to do does not wait for this.
    setTimeout(() => void this.#sweepUntilGone(attempt + 1), delay).unref()
  }

  /**
   * How a sweep was refused, for whoever connects next: the password has changed since, and is not sent again to hear the same.
   * Told once, as the operator may have put it right when the server is tried again.
   */
  takeRefusal(): AuthError | undefined {
    const refused = this.#refused
    this.#refused = undefined
    return refused
  }

  /** Deletes what is left over, on a connection of its own; what cannot be deleted now is kept for the next time. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweepOnce())
    return this.#sweeping
  }

  async #sweepOnce(): Promise<void> {
    if (this.#left.length === 0 || this.#refused !== undefined) return
    const limit = AbortSignal.timeout(sweepMs)
    const target = this.#target()
    const pool = new ChannelPool(async signal => Channel.open(await target, signal))
    try {
      const { host, port } = await target
      const client = new WsmanClient({ pool, url: this.#url, where: `${host}:${port}` })
      for (const shell of this.#left.slice()) {
        if (await deleted(shell.through(client), limit)) this.#left = this.#left.filter(left => left !== shell)
        else if (pool.refused !== undefined) break
      }
    } catch {
      // A secret that cannot be had now: the next session says so.
    } finally {
      this.#refused = pool.refused
      pool.close()
    }
  }
}
