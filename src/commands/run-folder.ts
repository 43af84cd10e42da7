import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../errors.js'
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
