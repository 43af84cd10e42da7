import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { UsageError } from '../errors.js'
import type { CommandIo } from './io.js'
import { type RunRecord, writeRunRecord } from './run-record.js'

/** `20261124-210000-3f9a`: sorts by time, unique enough for two runs in one second. */
export function newRunId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stamp}-${randomBytes(2).toString('hex')}`
}

/** `--runs-dir`, else `EXROLL_RUNS`, else `./.exroll/runs` (product.md, "Run folder"). */
export function runsFolder(option: string | undefined, env: NodeJS.ProcessEnv, cwd: string): string {
  return resolve(cwd, option ?? env.EXROLL_RUNS ?? join('.exroll', 'runs'))
}

/** What somebody types to name the run of this folder: its id where that is enough, else the folder. */
export function runWord(folder: string, { env, cwd }: Pick<CommandIo, 'env' | 'cwd'>): string {
  if (dirname(folder) === runsFolder(undefined, env, cwd)) return basename(folder)
  const below = relative(cwd, folder)
  return below.startsWith('..') ? folder : below
}

/** Makes `<runs>/<run>/` with mode 0700 and writes the run's record into it. Throws `UsageError` RUN_FOLDER when it cannot. */
export function makeRunFolder(runs: string, record: RunRecord): string {
  const folder = join(runs, record.run)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeRunRecord(folder, record)
  } catch (error) {
    throw new UsageError(`the run folder ${folder} cannot be written: ${(error as Error).message}`, {
      code: 'RUN_FOLDER',
      hint: 'Name a folder you may write to with --runs-dir or EXROLL_RUNS.',
      cause: error,
    })
  }
  return folder
}
