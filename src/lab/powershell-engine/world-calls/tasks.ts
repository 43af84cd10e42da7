import { registerAccountTask, startAccountTask } from '../../world/account-tasks.js'
import { findAccount } from '../../world/accounts.js'
import { systemSid } from '../../world/windows-places.js'
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
      run: (_, process) => startPowerShell(argument.split(' '), process, systemSid),
      ...(repeats ? { everyMs, atBoot: true } : {}),
    })
    return [name]
  },
  'Register-AccountTask': (
    { server, startPowerShell },
    name: string,
    xml: string,
    account: string,
    password: string,
  ) => {
    const argument = /<Arguments>([^<]*)<\/Arguments>/.exec(xml)?.[1] ?? ''
    const sid = findAccount(server.accounts, account)?.sid ?? ''
    return registerAccountTask(server, {
      ...{ name, command: 'powershell.exe', account, password },
      run: (_, process) => startPowerShell(argument.split(' '), process, sid),
    })
  },
  'Start-AccountTask': ({ server }, name: string) => startAccountTask(server, name),
  'Get-TaskResult': ({ server }, name: string) => server.tasks.lastResult(name) ?? 0,
  'Unregister-SystemTask': ({ server }, name: string) => {
    server.tasks.unregister(name)
  },
  'Start-SystemTask': ({ server }, name: string) => {
    if (server.tasks.start(name) === undefined) throw new Error(`The system cannot find the task ${name}.`)
  },
  'Test-SystemTask': ({ server }, name: string) => server.tasks.has(name),
}
