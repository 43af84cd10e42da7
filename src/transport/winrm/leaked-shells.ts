import { Channel, type ChannelTarget } from './http/channel.js'
import { ChannelPool } from './http/channel-pool.js'
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
    // A process that has nothing else to do does not wait for this.
    if (this.#left.length > 0 && delay !== undefined)
      setTimeout(() => void this.#sweepUntilGone(attempt + 1), delay).unref()
  }

  /** Deletes what is left over, on a connection of its own; what cannot be deleted now is kept for the next time. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweepOnce())
    return this.#sweeping
  }

  async #sweepOnce(): Promise<void> {
    if (this.#left.length === 0) return
    const limit = AbortSignal.timeout(sweepMs)
    const pool = new ChannelPool(async signal => Channel.open(await this.#target(), signal))
    try {
      const first = await this.#target()
      const client = new WsmanClient({ pool, url: this.#url, where: `${first.host}:${first.port}` })
      const shells = this.#left
      const gone = await Promise.all(shells.map(shell => deleted(shell.through(client), limit)))
      this.#left = this.#left.filter(shell => !shells.includes(shell) || gone[shells.indexOf(shell)] !== true)
    } catch {
      // The server cannot be reached yet, or refuses the logon now: the next session tries again and says so.
    } finally {
      pool.close()
    }
  }
}
