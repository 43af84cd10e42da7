/** Answers that are waited for; all of them fail when the one who would give them goes away. */
export interface Pending {
  /** Like `new Promise(start)`; fails at once after `fail`. */
  wait<T>(start: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void): Promise<T>
  fail(reason: () => Error): void
}

/** ssh2 forgets some callbacks when a connection or a channel ends; these do not wait for ever. */
export function createPending(): Pending {
  const waiting = new Set<(reason: unknown) => void>()
  let failure: (() => Error) | undefined
  return {
    wait(start) {
      return new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure())
        const settle = <V>(act: (value: V) => void) => {
          return (value: V) => {
            waiting.delete(reject)
            act(value)
          }
        }
        waiting.add(reject)
        try {
          start(settle(resolve), settle(reject))
        } catch (error) {
          settle(reject)(error)
        }
      })
    },
    fail(reason) {
      failure ??= reason
      for (const reject of waiting) reject(failure())
      waiting.clear()
    },
  }
}
