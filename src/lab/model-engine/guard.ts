import type { InstallProgress } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { accountTask } from './job-account.js'
import { busyReason } from './job-state.js'
import { addEntry, addEvent, hasEntry } from './journal.js'
import { leaseHolds } from './lease.js'
import { installEnded, type Restored, restoreEverything } from './restore.js'
import { armedFile, armedRun } from './run-files.js'

/** faults.md, "The guard": at start-up and every five minutes. */
const everyMs = 5 * 60_000
/** How long the guard waits for services in one look; what is still down is tried again at the next. */
const serviceSeconds = 600

export function guardTask(run: string): string {
  return `exroll-guard-${run}`
}

export function jobTask(run: string): string {
  return `exroll-job-${run}`
}

export function copyTask(run: string): string {
  return `exroll-copy-${run}`
}

export function guardState(server: LabServer, run: string): InstallProgress['guard'] {
  if (armedRun(server) === run) return 'armed'
  const wasArmed = hasEntry(server, run, entry => entry.type === 'guard' && entry.action === 'armed')
  return wasArmed ? 'disarmed' : 'none'
}

/** Registers the guard's task, once. */
export function armGuard(server: LabServer, run: string): void {
  if (!server.tasks.has(guardTask(run))) {
    server.tasks.register({
      name: guardTask(run),
      command: 'powershell.exe',
      everyMs,
      atBoot: true,
      run: signal => look(server, run, signal),
    })
  }
  if (armedRun(server) === run) return
  server.files.write(armedFile, run)
  addEntry(server, run, { type: 'guard', action: 'armed' })
  addEvent(server, run, { id: 3, level: 'Information', text: 'the guard is armed' })
}

/** Takes tasks and marker away. Last, and only when all is right. */
export function disarmGuard(server: LabServer, run: string): void {
  if (armedRun(server) !== run) return
  addEntry(server, run, { type: 'guard', action: 'disarmed' })
  addEvent(server, run, { id: 4, level: 'Information', text: 'the guard is disarmed' })
  for (const task of [jobTask(run), accountTask(run), copyTask(run), guardTask(run)]) server.tasks.unregister(task)
  server.files.remove(armedFile)
}

/** One look of the guard: the five conditions of faults.md, in their order. Returns the task's exit code. */
async function look(server: LabServer, run: string, signal: AbortSignal): Promise<number> {
  if (armedRun(server) !== run) return 0
  if (busyReason(server, run) !== '' || leaseHolds(server, run)) return 0
  const restored = await restoreEverything(server, run, {
    by: 'guard',
    startServices: installEnded(server, run),
    timeoutSeconds: serviceSeconds,
    again: false,
    signal,
  })
  signal.throwIfAborted()
  record(server, run, restored)
  if (restored.right) disarmGuard(server, run)
  return restored.right ? 0 : 1
}

function record(server: LabServer, run: string, { right, restored, stuck }: Restored): void {
  const action = right ? 'restored' : 'stuck'
  const said = hasEntry(server, run, entry => entry.type === 'guard' && entry.action === action)
  if (said && restored.length === 0) return
  addEntry(server, run, { type: 'guard', action })
  addEvent(server, run, {
    id: right ? 1 : 2,
    level: right ? 'Information' : 'Warning',
    text: right
      ? `the guard found this server as it was before, or put it back (${restored.length} changes).`
      : `not everything is as before; could not be put back: ${stuck.map(({ setting, scope }) => `${setting} ${scope}`).join(', ') || 'services'}.`,
  })
}
