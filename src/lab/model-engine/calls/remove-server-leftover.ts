import type { LabServer } from '../../world/lab-server.js'
import { copyTask, guardTask, jobTask } from '../guard.js'
import { accountTask } from '../job-account.js'
import { runFolder } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { isSettled, neededBy, runsOf } from './get-server-leftover.js'

export const removeServerLeftover: ScriptAnswer<'Remove-ServerLeftover'> = ({ server, args }) => {
  const removed: string[] = []
  const kept: { name: string; why: string }[] = []
  const take = (name: string, why: string, remove: () => void) => {
    if (why !== '') {
      kept.push({ name, why })
      return
    }
    remove()
    removed.push(name)
  }
  for (const run of args.Runs) take(run, whyRunStays(server, run), () => removeRun(server, run))
  for (const path of args.Packages) take(path, whyPackageStays(server, path), () => removePackage(server, path))
  return { removed, kept }
}

function whyRunStays(server: LabServer, run: string): string {
  // Also checks the name: a name that could lead elsewhere is refused.
  if (!server.files.exists(runFolder(run))) return 'it is not there'
  return isSettled(server, run) ? '' : 'its guard is armed, or it has something to put back: exroll restore'
}

function removeRun({ files, tasks }: LabServer, run: string): void {
  for (const task of [jobTask(run), accountTask(run), copyTask(run), guardTask(run)]) tasks.unregister(task)
  const folder = runFolder(run)
  for (const { name } of files.list(folder)) files.remove(`${folder}\\${name}`)
  files.remove(folder)
}

function whyPackageStays(server: LabServer, path: string): string {
  const place = /^C:\\ProgramData\\exroll\\packages\\[0-9a-f]{8}\\(?<name>[^\\/:*?"<>|;]+)$/i.exec(path)
  const name = place?.groups?.name
  if (name === undefined) return 'it is not one of the packages here'
  if (!server.files.exists(path)) return 'it is not there'
  if (runsOf(server).some(run => !isSettled(server, run))) return 'a run on this server is not settled'
  return neededBy(server, name)
}

function removePackage({ files }: LabServer, path: string): void {
  files.remove(path)
  const folder = path.slice(0, path.lastIndexOf('\\'))
  if (files.list(folder).length === 0) files.remove(folder)
}
