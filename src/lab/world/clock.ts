import { setTimeout as delay } from 'node:timers/promises'

/** Where every lab begins: a Tuesday evening in the year of the article's rollup. */
export const labEpoch = Date.UTC(2008, 9, 14, 20, 0, 0)

/** Longest delay that Node's timers take, in milliseconds. */
const longestTimer = 2 ** 31 - 1
/** Real milliseconds between two beats of the clock, and what one beat counts for at most. */
const beatMs = 20
const longestBeatMs = 200

/**
 * The time inside a lab: `scale` server seconds pass in one real second. All servers share it. It stands still while the lab's process gets no
 * processor time: a second in which nothing could run must not be ten server minutes in which a lease ends.
 */
export class LabClock {
  readonly #scale: number
  #beat = performance.now()
  #countedMs = 0
  #offsetMs = 0
  #holds = 0
  #heldSince = 0
  /** When it stood still because somebody held it, milliseconds since 1970. */
  readonly #standstills: { from: number; to: number }[] = []

  constructor(scale: number) {
    this.#scale = scale
    setInterval(() => this.#count(), beatMs).unref()
  }

  /** Server milliseconds since the lab began. */
  get elapsedMs(): number {
    return (this.#countedMs + this.#sinceBeat()) * this.#scale
  }

  /**
   * Time stands still until the returned function is called: for what takes this machine a while and a server no time. Several may hold it
   * at once.
   */
  hold(): () => void {
    this.#count()
    if (this.#holds === 0) this.#heldSince = Date.now()
    this.#holds += 1
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#count()
      this.#holds -= 1
      if (this.#holds === 0) this.#standstills.push({ from: this.#heldSince, to: Date.now() })
    }
  }

  #count(): void {
    this.#countedMs += this.#sinceBeat()
    this.#beat = performance.now()
  }

  /** Real milliseconds since the last beat, as far as they count. */
  #sinceBeat(): number {
    if (this.#holds > 0) return 0
    return Math.min(performance.now() - this.#beat, longestBeatMs)
  }

  /** The servers' wall clock. */
  now(): Date {
    return new Date(labEpoch + this.elapsedMs + this.#offsetMs)
  }

  /** What the servers' clock showed at a time of this machine's, milliseconds since 1970. */
  at(realMs: number): Date {
    const stood = this.#standstills.reduce((sum, { from, to }) => sum + Math.max(0, to - Math.max(from, realMs)), 0)
    return new Date(labEpoch + this.elapsedMs - (Date.now() - realMs - stood) * this.#scale + this.#offsetMs)
  }

  /** Somebody sets the wall clock: it goes forward by so much, or back. How long something takes does not change. */
  set(byMs: number): void {
    this.#offsetMs += byMs
  }

  /** Waits for server milliseconds. Rejects with the signal's reason when it is aborted. */
  async sleep(serverMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const until = this.elapsedMs + serverMs
    do {
      const left = Math.min(longestTimer, Math.max(0, (until - this.elapsedMs) / this.#scale))
      const real = this.#holds > 0 ? Math.max(beatMs, left) : left
      // A lab in a test must not keep its process alive by itself: its endpoints do that.
      await delay(real, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) }).catch(
        (error: unknown) => {
          signal?.throwIfAborted()
          throw error
        },
      )
    } while (this.elapsedMs < until)
  }
}
