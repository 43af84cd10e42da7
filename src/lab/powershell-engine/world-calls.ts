import { eventsText } from '../world/event-text.js'
import type { LabServer } from '../world/lab-server.js'
import type { LabProcess } from '../world/process-table.js'
import { accountCalls } from './world-calls/accounts.js'
import { clusterCalls } from './world-calls/cluster.js'
import { directoryCalls } from './world-calls/directory.js'
import { fileCalls } from './world-calls/files.js'
import { installerCalls } from './world-calls/installer.js'
import { machineCalls } from './world-calls/machine.js'
import { registryCalls } from './world-calls/registry.js'
import { serviceCalls } from './world-calls/services.js'
import { taskCalls } from './world-calls/tasks.js'

/** Who asks a simulated server something: one PowerShell process on it. */
export interface Caller {
  server: LabServer
  process: LabProcess
  /** Of the account that it runs as. */
  sid: string
  /** It has a full token: what the scheduler starts with the highest run level does where its account is in Administrators. */
  elevated: boolean
  /** Starts PowerShell with these words on the server, detached, as the account with that SID; resolves with its exit code. */
  startPowerShell(words: string[], process: LabProcess, sid: string): Promise<number>
}

/** One question of ps-scripts/lab/WindowsCalls.ps1. Arguments come as JSON has them; what it throws is thrown in the script. */
export type WorldCall = (caller: Caller, ...args: never[]) => unknown

const eventCalls: Record<string, WorldCall> = {
  'Write-EventLogEntry': ({ server }, id: number, level: 'Information' | 'Warning' | 'Error', text: string) => {
    server.events.write({ log: 'Application', source: 'exroll', id, level, text })
  },
  /** `since` is a time of the disk, which is this machine's. */
  'Get-EventText': ({ server }, since: string) =>
    eventsText(server.computerName, server.events.since(server.clock.at(Date.parse(since)))),
}

const calls: Record<string, WorldCall> = {
  ...machineCalls,
  ...fileCalls,
  ...accountCalls,
  ...registryCalls,
  ...serviceCalls,
  ...installerCalls,
  ...taskCalls,
  ...eventCalls,
  ...clusterCalls,
  ...directoryCalls,
}

/** What ps-scripts/lab/WindowsCalls.ps1 may ask. */
export const worldCallNames: readonly string[] = Object.keys(calls)

/** What a filtered token cannot do (User Account Control). */
const needFullToken = /^(Set|Remove|Start|Stop|Register|Unregister|Protect|Restart|Write|Mount|Dismount)-/

/** Answers one call. Throws the world's refusal. */
export async function answerWorldCall(caller: Caller, name: string, args: unknown[]): Promise<unknown> {
  const call = Object.hasOwn(calls, name) ? calls[name] : undefined
  if (call === undefined) throw new Error(`the lab has no Windows call ${name}`)
  if (!caller.elevated && needFullToken.test(name)) throw new Error('Access is denied.')
  return call(caller, ...(args as never[]))
}
