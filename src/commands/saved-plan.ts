import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { exitCodes, ToolError, UsageError } from '../errors.js'
import type { Credential, InventoryServer } from '../inventory/model.js'
import type { Plan } from '../plan/model.js'
import type { Playbook } from '../playbook/model.js'
import type { PlanBasis } from '../run/drift.js'
import type { CommandIo } from './io.js'

/** What `--save-plan` writes and `--plan` carries out: no secrets, only where they come from. */
export interface SavedPlan {
  schema: 'exroll.saved-plan/1'
  tool: string
  /** ISO 8601 UTC. */
  savedAt: string
  /** SHA-256 of the update, lower-case hex. */
  sha256: string
  /** Words of the dry run's command line that playbook and inventory were read with. */
  words: { set: string[]; allow: string[]; limit: string | null }
  plan: Plan
  playbook: Playbook
  servers: InventoryServer[]
  /** Of `install.run_as`; absent for SYSTEM. */
  jobAccount?: Credential
  /** What each server was like, by name; servers whose facts could not be read are not in it. */
  basis: Record<string, PlanBasis>
}

const schema = 'exroll.saved-plan/1'

/** Throws `UsageError` PLAN_FILE. */
export function writeSavedPlan(file: string, saved: Omit<SavedPlan, 'schema'>, { cwd }: Pick<CommandIo, 'cwd'>): void {
  const text = `${JSON.stringify({ schema, ...saved } satisfies SavedPlan, null, 2)}\n`
  try {
    writeFileSync(resolve(cwd, file), text, { mode: 0o600 })
  } catch (error) {
    throw new UsageError(`the plan cannot be written to ${file}: ${(error as Error).message}`, {
      code: 'PLAN_FILE',
      hint: 'Name a file you may write to.',
      cause: error,
    })
  }
}

/** Throws `UsageError` PLAN_FILE when it is not there or is no saved plan of this version. */
export function readSavedPlan(file: string, { cwd }: Pick<CommandIo, 'cwd'>): SavedPlan {
  let saved: unknown
  try {
    saved = JSON.parse(readFileSync(resolve(cwd, file), 'utf8'))
  } catch (error) {
    throw notAPlan(file, (error as Error).message)
  }
  if ((saved as Partial<SavedPlan> | null)?.schema !== schema) throw notAPlan(file, `it does not say schema ${schema}`)
  return saved as SavedPlan
}

/** Refuses a plan whose servers are not what they were, in words. Throws `ToolError` PLAN_DRIFTED, exit 2. */
export function refuseDrift(file: string, drifted: ReadonlyMap<string, string[]>): void {
  if (drifted.size === 0) return
  const lines = [...drifted].flatMap(([server, found]) => [`  ${server}`, ...found.map(line => `    ${line}`)])
  throw new ToolError(`${file} does not hold any more, ${drifted.size} servers have drifted:\n${lines.join('\n')}`, {
    code: 'PLAN_DRIFTED',
    hint: 'Nothing was changed. Look at these servers, then make a new plan with --dry-run --save-plan.',
    exitCode: exitCodes.failed,
  })
}

/** What of the files at hand is not as in the saved plan; each line names a key of the playbook or a server. Pure. */
export function inputDrift(
  saved: SavedPlan,
  { plan, playbook, servers }: { plan: Plan; playbook: Playbook; servers: readonly InventoryServer[] },
): string[] {
  const found = differentKeys(saved.playbook, playbook, 'playbook', new Set(['file']))
  const now = new Map(servers.map(server => [server.name, server]))
  for (const server of saved.servers) {
    const other = now.get(server.name)
    if (other === undefined) found.push(`server ${server.name} is not in the inventory any more`)
    else found.push(...differentKeys(server, other, `server ${server.name}`, new Set(['credential'])))
  }
  const then = new Set(saved.servers.map(({ name }) => name))
  for (const { name } of servers) if (!then.has(name)) found.push(`server ${name} is new in the inventory`)
  if (found.length === 0 && JSON.stringify(plan) !== JSON.stringify(saved.plan)) found.push('the batches are different')
  return found
}

function differentKeys(then: unknown, now: unknown, path: string, skip: ReadonlySet<string> = new Set()): string[] {
  if (JSON.stringify(then) === JSON.stringify(now)) return []
  if (!isRecord(then) || !isRecord(now)) {
    return [`${path}: ${JSON.stringify(then) ?? 'absent'} in the plan, ${JSON.stringify(now) ?? 'absent'} now`]
  }
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter(key => !skip.has(key))
    .flatMap(key => differentKeys(then[key], now[key], `${path} ${key}`))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notAPlan(file: string, why: string): UsageError {
  return new UsageError(`${file} is no saved plan: ${why}`, {
    code: 'PLAN_FILE',
    hint: 'Make one with: exroll run PLAYBOOK -i INVENTORY --dry-run --save-plan FILE',
  })
}
