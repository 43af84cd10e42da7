import type { LeftoverPackage, LeftoverRun } from '../../../scripts/catalog.js'
import { registeredPatches } from '../../world/installed.js'
import type { LabServer } from '../../world/lab-server.js'
import { stateFolder } from '../../world/windows-places.js'
import { copyTask, guardTask, jobTask } from '../guard.js'
import { accountTask } from '../job-account.js'
import { busyReason } from '../job-state.js'
import { hasEntry } from '../journal.js'
import { outstanding } from '../restore.js'
import { armedRun, runFolder } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { readSnapshot, snapshotFile } from '../snapshot.js'
import { serviceSummary } from '../snapshot-services.js'
import { leftoverState } from './test-server-readiness.js'

export const getServerLeftover: ScriptAnswer<'Get-ServerLeftover'> = ({ server }) => ({
  runs: runsOf(server).map(run => leftoverRun(server, run)),
  packages: packagesOf(server),
  leftoverState: leftoverState(server),
})

/** Names of the runs that have a folder here. */
export function runsOf({ files }: LabServer): string[] {
  const folder = `${stateFolder}\\runs`
  return files.exists(folder)
    ? files
        .list(folder)
        .filter(entry => entry.folder)
        .map(({ name }) => name)
    : []
}

/** A run that took its guard away found all as it was; what differs from its snapshot since is somebody's wish. */
export function isSettled(server: LabServer, run: string): boolean {
  if (armedRun(server) === run) return false
  const said = (action: 'armed' | 'disarmed') =>
    hasEntry(server, run, entry => entry.type === 'guard' && entry.action === action)
  return said('disarmed') || !said('armed')
}

function leftoverRun(server: LabServer, run: string): LeftoverRun {
  const settled = isSettled(server, run) || !server.files.exists(snapshotFile(run))
  const snapshot = settled ? undefined : readSnapshot(server, run)
  return {
    run,
    armed: armedRun(server) === run,
    busy: settled ? '' : busyReason(server, run),
    outstanding: snapshot === undefined ? [] : outstanding(server, run, snapshot),
    down: snapshot === undefined ? [] : serviceSummary(server, snapshot).down,
    tasks: [guardTask(run), jobTask(run), accountTask(run), copyTask(run)].filter(name => server.tasks.has(name)),
    bytes: bytesUnder(server, runFolder(run)),
  }
}

function packagesOf(server: LabServer): LeftoverPackage[] {
  const { files } = server
  const folder = `${stateFolder}\\packages`
  if (!files.exists(folder)) return []
  return files.list(folder).flatMap(({ name }) =>
    files
      .list(`${folder}\\${name}`)
      .filter(entry => !entry.folder)
      .map(entry => ({
        path: `${folder}\\${name}\\${entry.name}`,
        bytes: entry.bytes,
        neededBy: neededBy(server, entry.name),
      })),
  )
}

/** Windows Installer asks for the package by name and folder when it repairs or removes the patch (faults.md, "Staging"). */
export function neededBy(server: LabServer, packageName: string): string {
  const patch = registeredPatches(server).find(known => known.packageName.toLowerCase() === packageName.toLowerCase())
  return patch === undefined ? '' : `${patch.displayName} was installed from it`
}

function bytesUnder({ files }: LabServer, folder: string): number {
  return files
    .list(folder)
    .filter(entry => !entry.folder)
    .reduce((sum, { bytes }) => sum + bytes, 0)
}
