/** What the operator may ask of a run. Each wish that is granted becomes an event. */
export interface RunControl {
  /** First Ctrl-C, SIGTERM, SIGHUP: what runs is finished and restored, nothing new starts. */
  stop(by: string): void
  /** Second Ctrl-C: leave at once; the servers' guards look after them. */
  leave(by: string): void
  readonly stopping: boolean
  /** Aborted by `leave`. */
  readonly leaving: AbortSignal
  /** Called once for each wish. */
  onWish(listener: (wish: { action: 'abort' | 'leave'; by: string }) => void): void
}

export function createRunControl(): RunControl {
  const leaving = new AbortController()
  const listeners: ((wish: { action: 'abort' | 'leave'; by: string }) => void)[] = []
  let stopping = false
  const tell = (action: 'abort' | 'leave', by: string) => {
    for (const listener of listeners) listener({ action, by })
  }
  return {
    stop(by) {
      if (stopping) return
      stopping = true
      tell('abort', by)
    },
    leave(by) {
      if (leaving.signal.aborted) return
      stopping = true
      tell('leave', by)
      leaving.abort(new Error('left by the operator'))
    },
    get stopping() {
      return stopping
    },
    leaving: leaving.signal,
    onWish(listener) {
      listeners.push(listener)
    },
  }
}
