import { setTimeout as delay } from 'node:timers/promises'

/** Waits real milliseconds, or until the signal is aborted; then it throws the signal's reason. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal })
  } catch {
    throw signal.reason
  }
}
