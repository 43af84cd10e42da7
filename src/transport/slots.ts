/** A place for one channel on a connection. */
export interface Slot {
  release(): void
}

export interface Slots {
  /** A slot as soon as one is free, in the order of asking; rejects with the signal's reason. */
  acquire(signal?: AbortSignal): Promise<Slot>
  /**
   * The server would not open the channel of `slot`: from now on only as many as are open besides it. False when
   * there is no other, so that waiting would not help.
   */
  refused(slot: Slot): boolean
  /** How many are open besides these. */
  others(...slots: (Slot | undefined)[]): number
  /** Milliseconds since a channel that the server had opened was given back; Infinity = never. */
  sinceEnd(): number
}

/**
 * Counts the channels of one connection. OpenSSH allows ten sessions a connection (MaxSessions); a server may allow
 * fewer, which `refused` learns. `onWait` is called when somebody has to wait.
 */
export function createSlots(limit: number, onWait: () => void = () => undefined): Slots {
  const open = new Set<Slot>()
  const waiting: { start: () => void }[] = []
  const neverOpened = new WeakSet<Slot>()
  let most = limit
  let endedAt = Number.NEGATIVE_INFINITY

  function take(): Slot {
    const slot: Slot = {
      release() {
        if (!open.delete(slot)) return
        if (!neverOpened.has(slot)) endedAt = performance.now()
        startNext()
      },
    }
    open.add(slot)
    return slot
  }

  function startNext(): void {
    while (open.size < most && waiting.length > 0) waiting.shift()?.start()
  }

  function others(...slots: (Slot | undefined)[]): number {
    return [...open].filter(slot => !slots.includes(slot)).length
  }

  return {
    acquire(signal) {
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      if (open.size < most && waiting.length === 0) return Promise.resolve(take())
      return new Promise((resolve, reject) => {
        const turn = {
          start: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve(take())
          },
        }
        const onAbort = () => {
          waiting.splice(waiting.indexOf(turn), 1)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        waiting.push(turn)
        onWait()
      })
    },
    refused(slot) {
      neverOpened.add(slot)
      const left = others(slot)
      if (left === 0) return false
      most = Math.min(most, left)
      return true
    },
    others,
    sinceEnd: () => performance.now() - endedAt,
  }
}
