import type { RunControl } from '../run/control.js'

/**
 * Ctrl-C once, SIGTERM and SIGHUP: finish what runs, restore, stop. Ctrl-C again: leave at once. A hosting program
 * that ends stdin asks for the first. Returns what takes the handlers off.
 */
export function listenForSignals(control: RunControl, say: (text: string) => void, hostStop?: AbortSignal): () => void {
  const interrupt = () => {
    if (control.stopping) {
      say('leaving now; the guards on the servers put everything back. `exroll` prints nothing more of this run.')
      control.leave('SIGINT')
      return
    }
    say(
      'stopping: servers that were started are finished and restored, nothing new starts. Ctrl-C again leaves at once.',
    )
    control.stop('SIGINT')
  }
  const terminate = () => control.stop('SIGTERM')
  const hangUp = () => control.stop('SIGHUP')
  const hostGone = () => control.stop('host')
  if (hostStop?.aborted === true) hostGone()
  hostStop?.addEventListener('abort', hostGone)
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', terminate)
  process.on('SIGHUP', hangUp)
  return () => {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', terminate)
    process.off('SIGHUP', hangUp)
    hostStop?.removeEventListener('abort', hostGone)
  }
}

/**
 * While somebody is asked for something: a signal withdraws the question, so that the terminal is given back before the process ends.
 * Nothing was contacted yet.
 */
export async function whileAsking<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const withdrawn = new AbortController()
  const withdraw = () => withdrawn.abort(new Error('withdrawn by a signal'))
  for (const signal of signals) process.on(signal, withdraw)
  try {
    return await ask(withdrawn.signal)
  } finally {
    for (const signal of signals) process.off(signal, withdraw)
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
