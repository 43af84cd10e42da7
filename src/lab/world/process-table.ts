/** A process of a simulated server. */
export interface LabProcess {
  pid: number
  name: string
  /** Server milliseconds since the lab began. */
  startedAt: number
  /** Aborted when the process is killed or the server goes down. */
  signal: AbortSignal
  /** Its exit code; null when it was killed. Never rejects for a kill. */
  ended: Promise<number | null>
  kill(): void
}

/** What runs on a server now. */
export class ProcessTable {
  readonly #living = new Map<number, LabProcess>()
  readonly #elapsed: () => number
  #next = 1204

  constructor(elapsedMs: () => number) {
    this.#elapsed = elapsedMs
  }

  /** Starts `body` as a process: it gets the signal that ends it and itself, and returns the exit code. */
  start(name: string, body: (signal: AbortSignal, process: LabProcess) => Promise<number>): LabProcess {
    const killed = new AbortController()
    const pid = this.#next
    this.#next += 4
    const process: LabProcess = {
      pid,
      name,
      startedAt: this.#elapsed(),
      signal: killed.signal,
      kill: () => killed.abort(new Error(`process ${pid} (${name}) was ended`)),
      ended: Promise.resolve()
        .then(() => body(killed.signal, process))
        .then(
          code => (killed.signal.aborted ? null : code),
          (error: unknown) => {
            if (killed.signal.aborted) return null
            throw error
          },
        )
        .finally(() => this.#living.delete(pid)),
    }
    this.#living.set(pid, process)
    // Whoever waits for the process sees its failure; nobody has to wait.
    process.ended.catch(() => undefined)
    return process
  }

  find(pid: number): LabProcess | undefined {
    return this.#living.get(pid)
  }

  named(name: string): LabProcess[] {
    return [...this.#living.values()].filter(process => process.name.toLowerCase() === name.toLowerCase())
  }

  /** The power goes: every process ends. */
  killAll(): void {
    for (const process of [...this.#living.values()]) process.kill()
  }
}
