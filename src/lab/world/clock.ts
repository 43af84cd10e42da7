import { setTimeout as delay } from 'node:timers/promises'

/** Where every lab begins: a Tuesday evening in the year of the article's rollup. */
export const labEpoch = Date.UTC(2008, 9, 14, 20, 0, 0)

/** Longest delay that Node's timers take, in milliseconds. */
const longestTimer = 2 ** 31 - 1

/** The time inside a lab: `scale` server seconds pass in one real second. All servers share it. */
export class LabClock {
  readonly #scale: number
  readonly #started = performance.now()
  readonly #startedAt = Date.now()
  #offsetMs = 0

  constructor(scale: number) {
    this.#scale = scale
  }

  /** Server milliseconds since the lab began. */
  get elapsedMs(): number {
    return (performance.now() - this.#started) * this.#scale
  }

  /** The servers' wall clock. */
  now(): Date {
    return new Date(labEpoch + this.elapsedMs + this.#offsetMs)
  }

  /** What the servers' clock showed at a time of this machine's, milliseconds since 1970. */
  at(realMs: number): Date {
    return new Date(labEpoch + (realMs - this.#startedAt) * this.#scale + this.#offsetMs)
  }

  /** Somebody sets the wall clock: it goes forward by so much, or back. How long something takes does not change. */
  set(byMs: number): void {
    this.#offsetMs += byMs
  }

  /** Waits for server milliseconds. Rejects with the signal's reason when it is aborted. */
  async sleep(serverMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const real = Math.min(longestTimer, Math.max(0, serverMs / this.#scale))
    // A lab in a test must not keep its process alive by itself: its endpoints do that.
    await delay(real, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }).catch(
      (error: unknown) => {
        signal?.throwIfAborted()
        throw error
      },
    )
  }
}
