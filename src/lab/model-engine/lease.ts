import type { LabServer } from '../world/lab-server.js'
import { runFile, stateText } from './run-files.js'

function leaseFile(run: string): string {
  return runFile(run, 'lease')
}

/** Somebody follows: boot, uptime in milliseconds at the renewal, minutes it holds (ps-scripts/shared/Guard.ps1). */
export function setLease(server: LabServer, run: string, minutes: number): void {
  server.files.write(leaseFile(run), `${server.bootId} ${server.uptimeMs} ${minutes}`)
}

/** Renews for as long as it held before. Nothing happens where there is none. */
export function renewLease(server: LabServer, run: string): void {
  const lease = readLease(server, run)
  if (lease !== undefined) setLease(server, run, lease.minutes)
}

/** True while it holds. After a restart the time since it counts: whoever followed needs that long to come back. */
export function leaseHolds(server: LabServer, run: string): boolean {
  const lease = readLease(server, run)
  if (lease === undefined) return false
  const since = lease.boot === server.bootId ? server.uptimeMs - lease.uptimeMs : server.uptimeMs
  return since < 60_000 * lease.minutes
}

function readLease(server: LabServer, run: string) {
  const [boot, uptime, minutes, ...more] = (stateText(server, leaseFile(run)) ?? '').trim().split(' ')
  if (boot === undefined || uptime === undefined || minutes === undefined || more.length > 0) return undefined
  return { boot, uptimeMs: Number(uptime), minutes: Number(minutes) }
}
