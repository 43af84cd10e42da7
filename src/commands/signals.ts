import type { RunControl } from '../run/control.js'

/**
 * Ctrl-C once, SIGTERM and SIGHUP: finish what runs, restore, stop. Ctrl-C again: leave at once. Returns what takes the handlers off.
 */
export function listenForSignals(control: RunControl, say: (text: string) => void): () => void {
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
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', terminate)
  process.on('SIGHUP', hangUp)
  return () => {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', terminate)
    process.off('SIGHUP', hangUp)
  }
}
