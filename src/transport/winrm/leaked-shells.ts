import { Channel, type ChannelTarget } from './http/channel.js'
import { ChannelPool } from './http/channel-pool.js'
import type { Shell } from './shell/shell.js'
import { deleted } from './shell/shell-set.js'
import { WsmanClient } from './wsman/client.js'

/** How long one attempt to delete what is left over may take, in milliseconds. */
const sweepMs = 10_000

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

  /** Remembers `shells` and tries at once to delete them: the network is often back in a moment. */
  add(shells: readonly Shell[]): void {
    this.#left.push(...shells)
    void this.sweep()
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
