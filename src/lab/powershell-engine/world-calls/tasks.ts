import type { WorldCall } from '../world-calls.js'

/** faults.md, "The guard": at start-up and every five minutes. */
const everyMs = 5 * 60_000

/** ps-scripts/windows/Tasks.ps1. */
export const taskCalls: Record<string, WorldCall> = {
  'Register-SystemTask': (
    { server, startPowerShell },
    name: string,
    _xml: string,
    _command: string,
    argument: string,
    repeats: boolean,
  ) => {
    server.tasks.register({
      name,
      command: 'powershell.exe',
      run: (_, process) => startPowerShell(argument.split(' '), process),
      ...(repeats ? { everyMs, atBoot: true } : {}),
    })
    return [name]
  },
  'Unregister-SystemTask': ({ server }, name: string) => {
    server.tasks.unregister(name)
  },
  'Start-SystemTask': ({ server }, name: string) => {
    if (server.tasks.start(name) === undefined) throw new Error(`The system cannot find the task ${name}.`)
  },
  'Test-SystemTask': ({ server }, name: string) => server.tasks.has(name),
}
