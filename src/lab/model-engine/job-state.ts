import type { InstallProgress } from '../../scripts/catalog.js'
import { installerInProgress } from '../world/installed.js'
import type { LabServer } from '../world/lab-server.js'
import type { LabProcess } from '../world/process-table.js'
import { hasEntry } from './journal.js'
import { armedRun, runFile, stateText } from './run-files.js'

/** How long the log may be quiet while `InProgress` still counts as a running transaction (ps-scripts/shared/Guard.ps1). */
const grewLatelyMs = 600_000

export function claimFile(run: string): string {
  return runFile(run, 'job.claim')
}

/** The process has taken the run: `<boot> <id> <start>`. A run that has a claim is never started again. */
export function claimRun(server: LabServer, run: string, { pid, startedAt }: LabProcess): void {
  server.files.write(claimFile(run), `${server.bootId} ${pid} ${startedAt}`)
}

/** The job's process while it lives. */
export function jobProcess(server: LabServer, run: string): LabProcess | undefined {
  const [boot, pid, start] = (stateText(server, claimFile(run)) ?? '').trim().split(' ')
  if (boot !== server.bootId) return undefined
  const process = server.processes.find(Number(pid))
  return process !== undefined && String(process.startedAt) === start ? process : undefined
}

/** `none`: never started. `running`: its process lives. `ended`: it said so. `lost`: started, no process, no end. */
export function jobState(server: LabServer, run: string): InstallProgress['job'] {
  if (!server.files.exists(claimFile(run))) return 'none'
  if (hasEntry(server, run, entry => entry.type === 'ended')) return 'ended'
  return jobProcess(server, run) === undefined ? 'lost' : 'running'
}

/** Where the run's verbose log is; null before the job was started. */
export function logPath(server: LabServer, run: string): string | null {
  const name = stateText(server, runFile(run, 'job.log-name'))
  return name === null ? null : runFile(run, name.trim())
}

/** Milliseconds since the run's log grew; null when there is none. */
export function logQuietMs(server: LabServer, run: string): number | null {
  const path = logPath(server, run)
  const stat = path === null ? undefined : server.files.stat(path)
  return stat === undefined ? null : Math.max(0, server.clock.now().getTime() - stat.modified.getTime())
}

/** A Windows Installer transaction goes on: its mutex is held, or `InProgress` is there and this run's log grew lately. */
export function installerActive(server: LabServer, run: string): boolean {
  if (server.installerMutex !== undefined) return true
  if (!installerInProgress(server)) return false
  const quiet = logQuietMs(server, run)
  return quiet !== null && quiet < grewLatelyMs
}

/** Why nothing may be restored now; '' when it may (faults.md, the guard, conditions 1 and 2). */
export function busyReason(server: LabServer, run: string): string {
  const armed = armedRun(server)
  if (armed !== null && armed !== run) return `run ${armed} has its guard armed on this server`
  if (jobState(server, run) === 'running') return 'its job still runs'
  if (installerActive(server, run)) return 'Windows Installer is at work'
  return ''
}
