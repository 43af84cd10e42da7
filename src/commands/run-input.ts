import { UsageError } from '../errors.js'
import type { Inventory, InventoryServer } from '../inventory/model.js'
import { selectServers } from '../inventory/select.js'
import { makePlan } from '../plan/make-plan.js'
import { checkAvailable } from '../playbook/available.js'
import { jobCredential } from '../playbook/job-credential.js'
import type { Playbook } from '../playbook/model.js'
import type { CommandIo } from './io.js'
import { readInventory, readPlaybook, readPlaybookText } from './read-input.js'
import type { RunRecord } from './run-record.js'
import { inputDrift, readSavedPlan, type SavedPlan } from './saved-plan.js'
import { readUpdate } from './update-file.js'

export interface RunWords {
  playbook: string | undefined
  inventory?: string
  limit?: string
  set?: string[]
  allow?: string[]
  plan?: string
  dryRun?: boolean
}

/** What a run is about, checked as far as it can be before anything is contacted. */
export interface RunInputs extends Omit<RunRecord, 'run'> {
  saved?: SavedPlan
}

/** From the words of the command line to plan, servers, playbook and update. Throws `UsageError` with everything that is wrong. */
export function readRunInput(words: RunWords, io: CommandIo): RunInputs {
  return words.plan === undefined ? fromFiles(words) : fromSavedPlan(words, words.plan, io)
}

function fromFiles({
  playbook: playbookFile,
  inventory: inventoryFile,
  limit,
  set,
  allow,
  dryRun = false,
}: RunWords): RunInputs {
  if (playbookFile === undefined) throw missing("missing required argument 'playbook'")
  if (inventoryFile === undefined) throw missing("required option '-i, --inventory <file>' not specified")
  const playbook = readPlaybook(playbookFile, { set: set ?? [], allow: allow ?? [] })
  checkAvailable(playbook)
  const inventory = readInventory(inventoryFile)
  const servers = select(inventory, limit ?? null)
  const jobAccount = jobCredential(playbook, inventory.credentials, {
    text: readPlaybookText(playbookFile),
    set: set ?? [],
  })
  checkAllowedServers(playbook, servers, allow ?? [])
  const update = readUpdate(playbook, { dryRun })
  return {
    ...{ plan: makePlan({ servers, playbook }), servers, playbook, update },
    ...(jobAccount !== undefined && { jobAccount }),
  }
}

/** The plan is what was looked at: files that are named as well must still say the same. */
function fromSavedPlan(words: RunWords, file: string, io: CommandIo): RunInputs {
  const other = (['limit', 'set', 'allow'] as const).filter(option => words[option] !== undefined)
  if (other.length > 0) {
    throw new UsageError(`${other.map(option => `--${option}`).join(', ')} would change the plan in ${file}`, {
      code: 'PLAN_OPTIONS',
      hint: 'A saved plan is carried out as it is; make another one with --dry-run --save-plan.',
    })
  }
  const saved = readSavedPlan(file, io)
  const playbook = words.playbook === undefined ? saved.playbook : readPlaybook(words.playbook, saved.words)
  checkAvailable(playbook)
  const inventory = words.inventory === undefined ? undefined : readInventory(words.inventory)
  const servers = inventory === undefined ? saved.servers : select(inventory, saved.words.limit)
  const jobAccount =
    inventory === undefined
      ? saved.jobAccount
      : jobCredential(playbook, inventory.credentials, {
          text: words.playbook === undefined ? '' : readPlaybookText(words.playbook),
          set: saved.words.set,
        })
  const drifted = inputDrift(saved, { plan: makePlan({ servers, playbook }), playbook, servers })
  if (drifted.length > 0) {
    throw new UsageError(`${file} does not fit the files any more:\n  ${drifted.join('\n  ')}`, {
      code: 'PLAN_DRIFTED',
      hint: 'Nothing was contacted. Make a new plan with --dry-run --save-plan.',
    })
  }
  return {
    ...{ plan: saved.plan, servers, playbook, update: readUpdate(playbook), saved },
    ...(jobAccount !== undefined && { jobAccount }),
  }
}

function select(inventory: Inventory, limit: string | null): InventoryServer[] {
  return limit === null ? inventory.servers : selectServers(inventory, limit)
}

/** `--allow block@server` with a mistyped server would let nothing through, at night, without a word. */
function checkAllowedServers(playbook: Playbook, servers: InventoryServer[], given: string[]): void {
  const names = new Set(servers.map(server => server.name))
  const missing = playbook.allow
    .filter(entry => given.includes(entry))
    .filter(entry => entry.includes('@') && !names.has(entry.split('@')[1] ?? ''))
  if (missing.length === 0) return
  throw new UsageError(`--allow names servers that are not in this run: ${missing.join(', ')}`, {
    code: 'ALLOW_UNKNOWN_SERVER',
    hint: `The run has: ${[...names].join(', ')}.`,
  })
}

function missing(what: string): UsageError {
  return new UsageError(`error: ${what}`, {
    code: 'USAGE',
    hint: 'exroll run PLAYBOOK -i INVENTORY, or exroll run --plan FILE.',
  })
}
