import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UsageError } from '../errors.js'
import type { Credential, InventoryServer } from '../inventory/model.js'
import type { Plan } from '../plan/model.js'
import type { Playbook } from '../playbook/model.js'
import { readPackage } from '../products/package.js'
import type { RunPackage } from '../run/context.js'

/** What a run folder holds besides its journal, so that the run can go on elsewhere: no secrets, only where they come from. */
export interface RunRecord {
  run: string
  plan: Plan
  servers: InventoryServer[]
  playbook: Playbook
  /** Of `install.run_as`: where its password comes from. Absent for SYSTEM. */
  jobAccount?: Credential
  update: RunPackage
}

/** Writes `plan.json`, `run.json` and the package itself: a run folder that was copied elsewhere is whole. */
export function writeRunRecord(folder: string, { plan, ...rest }: RunRecord): void {
  const { run, update } = rest
  const packages = join(folder, 'package')
  mkdirSync(packages, { recursive: true, mode: 0o700 })
  copyFileSync(update.file, join(packages, update.info.name))
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  write('plan.json', { run, ...plan })
  writeRun(folder, rest)
}

/** Writes `run.json`, also anew: with other hosts or credentials in the place of those the run began with. */
export function writeRun(
  folder: string,
  { run, servers, playbook, jobAccount, update }: Omit<RunRecord, 'plan'>,
): void {
  const record = { v: 1, run, package: update.info.name, sha256: update.info.sha256, playbook, servers, jobAccount }
  const fresh = join(folder, 'run.json.new')
  writeFileSync(fresh, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
  renameSync(fresh, join(folder, 'run.json'))
}

/** Reads what `writeRunRecord` wrote. Throws `UsageError` RUN_NOT_READABLE or RUN_DAMAGED. */
export function readRunRecord(folder: string): RunRecord {
  let plan: Plan & { run: string }
  let record: Pick<RunRecord, 'run' | 'playbook' | 'servers' | 'jobAccount'> & { package: string; sha256: string }
  let update: RunPackage
  try {
    plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))
    record = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))
    const file = join(folder, 'package', basename(record.package))
    update = { file, info: readPackage(record.package, readFileSync(file)) }
  } catch (error) {
    throw new UsageError(`the run folder ${folder} cannot be read: ${(error as Error).message}`, {
      code: 'RUN_NOT_READABLE',
      hint: 'Copy the whole folder, with plan.json, run.json, journal.ndjson and package/.',
      cause: error,
    })
  }
  if (update.info.sha256 !== record.sha256) {
    throw new UsageError(
      `${update.file} is not the package this run began with: its SHA-256 is ${update.info.sha256}`,
      {
        code: 'RUN_DAMAGED',
        hint: `Put the file with SHA-256 ${record.sha256} back in its place.`,
      },
    )
  }
  const { run, servers, playbook, jobAccount } = record
  return { run, plan, servers, playbook, update, ...(jobAccount !== undefined && { jobAccount }) }
}
