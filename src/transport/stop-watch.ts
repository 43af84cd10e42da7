import type { RunOptions } from './transport.js'

/** Time-out and abort as one wish to stop. */
export interface StopWatch {
  /** Undefined as long as the command may go on. */
  readonly why: 'timeout' | 'abort' | undefined
  /** Resolves with `why`. */
  readonly stopped: Promise<'timeout' | 'abort'>
  /** Aborted with it. */
  readonly signal: AbortSignal
  dispose(): void
}

/** Starts now: the time spent waiting for a free channel counts. */
export function watchStop({ timeoutMs, signal }: RunOptions): StopWatch {
  const controller = new AbortController()
  let why: StopWatch['why']
  let resolveStopped: (why: 'timeout' | 'abort') => void = () => undefined
  const stopped = new Promise<'timeout' | 'abort'>(resolve => {
    resolveStopped = resolve
  })
  const stop = (reason: 'timeout' | 'abort') => {
    why ??= reason
    resolveStopped(why)
    controller.abort()
  }
  const onAbort = () => stop('abort')
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop('timeout'), timeoutMs)
  return {
    get why() {
      return why
    },
    stopped,
    signal: controller.signal,
    dispose() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}
