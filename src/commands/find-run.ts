import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { UsageError } from '../errors.js'
import { decodeEvents } from '../events/codec.js'
import type { RunEvent } from '../events/event.js'

/** Names of the runs in a runs folder, newest first. */
export function listRuns(runs: string): string[] {
  try {
    return readdirSync(runs, { withFileTypes: true })
      .filter(entry => entry.isDirectory() && isRunFolder(join(runs, entry.name)))
      .map(entry => entry.name)
      .sort()
      .reverse()
  } catch {
    return []
  }
}

/**
 * The folder of a run: by id, by the beginning of one, by path (a copied folder), or the newest. Throws `UsageError` RUN_NOT_FOUND.
 */
export function findRun(runs: string, run: string | undefined, cwd: string): string {
  if (run !== undefined && isRunFolder(resolve(cwd, run))) return resolve(cwd, run)
  const all = listRuns(runs)
  const matches = run === undefined ? all.slice(0, 1) : all.filter(name => name === run || name.startsWith(run))
  const [match, ...more] = matches
  if (match !== undefined && (more.length === 0 || match === run)) return join(runs, match)
  throw new UsageError(
    run === undefined
      ? `there is no run in ${runs}`
      : more.length > 0
        ? `${run} fits several runs: ${matches.join(', ')}`
        : `there is no run ${run} in ${runs}`,
    {
      code: 'RUN_NOT_FOUND',
      hint: all.length === 0 ? 'Name the folder with --runs-dir.' : `The newest are: ${all.slice(0, 5).join(', ')}.`,
    },
  )
}

/** The journal of a run folder; a torn last line is dropped, a run that was killed before its first event has none. Throws `UsageError` RUN_DAMAGED. */
export function readJournal(folder: string): RunEvent[] {
  try {
    return decodeEvents(readFileSync(join(folder, 'journal.ndjson'), 'utf8')).events
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new UsageError(`the journal of run ${basename(folder)} cannot be read: ${(error as Error).message}`, {
      code: 'RUN_DAMAGED',
      hint: 'The servers look after themselves; `exroll run` on the same inventory finds what is patched and what is not.',
      cause: error,
    })
  }
}

function isRunFolder(folder: string): boolean {
  return ['journal.ndjson', 'run.json'].some(
    name => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true,
  )
}
