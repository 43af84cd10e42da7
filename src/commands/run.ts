import { type Command, Option } from 'commander'
import { UsageError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import { selectServers } from '../inventory/select.js'
import { makePlan } from '../plan/make-plan.js'
import type { Plan } from '../plan/model.js'
import { checkAvailable } from '../playbook/available.js'
import type { Playbook } from '../playbook/model.js'
import type { RunPackage } from '../run/context.js'
import { askYes } from './ask-yes.js'
import type { CommandIo } from './io.js'
import { toolVersion } from './program.js'
import { readInventory, readPlaybook } from './read-input.js'
import { runsFolder } from './run-folder.js'
import { startRun, type Ui } from './start-run.js'
import { checkTransports } from './transports.js'
import { readUpdate } from './update-file.js'

interface RunOptions {
  inventory: string
  limit?: string
  yes?: true
  ui: 'auto' | 'dashboard' | Ui
  runsDir?: string
  set?: string[]
  allow?: string[]
  dryRun?: true
  detach?: true
  savePlan?: string
  plan?: string
}

export function register(program: Command, io: CommandIo): void {
  program
    .command('run')
    .description('carry a playbook out over an inventory')
    .argument('<playbook>', 'playbook file')
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option(
      '--limit <pattern>',
      'only these servers: names, globs, role:, site:, group:, cluster:, ! negates, "," is or, "&" is and',
    )
    .option('--yes', 'do not ask before starting')
    .addOption(
      new Option('--ui <kind>', 'what to show')
        .choices(['auto', 'dashboard', 'plain', 'ndjson', 'quiet'])
        .default('auto'),
    )
    .option('--runs-dir <folder>', 'where run folders go (default: EXROLL_RUNS, else ./.exroll/runs)')
    .option('--set <key=value>', 'override one value of the playbook (repeatable)', append)
    .option('--allow <block[@server]>', 'let a block of precheck through (repeatable)', append)
    .option('--dry-run', 'show what would happen, change nothing')
    .option('--detach', 'run in the background')
    .option('--save-plan <file>', 'save the plan of a dry run')
    .option('--plan <file>', 'carry out a saved plan')
    .action((playbook: string, options: RunOptions) => run(playbook, options, io))
}

async function run(playbookFile: string, options: RunOptions, io: CommandIo): Promise<void> {
  refuseWhatIsNotThere(options)
  const playbook = readPlaybook(playbookFile, { set: options.set ?? [], allow: options.allow ?? [] })
  checkAvailable(playbook)
  const inventory = readInventory(options.inventory)
  const servers = options.limit === undefined ? inventory.servers : selectServers(inventory, options.limit)
  checkAllowedServers(playbook, servers, options.allow ?? [])
  checkTransports(servers)
  const update = readUpdate(playbook)
  const plan = makePlan({ servers, playbook })
  const ui = options.ui === 'auto' || options.ui === 'dashboard' ? 'plain' : options.ui
  if (options.yes !== true) await confirm({ plan, playbook, update, io })
  const { exitCode } = await startRun({
    plan,
    servers,
    playbook,
    update,
    runs: runsFolder(options.runsDir, io.env, io.cwd),
    ui,
    io,
  })
  io.setExitCode(exitCode)
}

/** Better no than half: options of the manual that this version does not have yet. */
function refuseWhatIsNotThere(options: RunOptions): void {
  const asked = [
    options.dryRun && '--dry-run',
    options.detach && '--detach',
    options.savePlan && '--save-plan',
    options.plan && '--plan',
    options.ui === 'dashboard' && '--ui dashboard',
  ].filter(word => typeof word === 'string')
  if (asked.length === 0) return
  throw new UsageError(`${asked.join(', ')}: not part of exroll ${toolVersion()}`, {
    code: 'NOT_AVAILABLE',
    hint: 'Leave it out; `--ui plain` and `--ui ndjson` show a run, `--limit` starts with one server.',
  })
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

interface Question {
  plan: Plan
  playbook: Playbook
  update: RunPackage
  io: CommandIo
}

/** Says what is about to happen and asks. */
async function confirm({ plan, playbook, update, io }: Question): Promise<void> {
  io.stderr.write(`${playbook.name}: ${update.info.displayName}\n`)
  for (const batch of plan.batches) {
    io.stderr.write(`  batch ${batch.index}${batch.canary ? ' (canary)' : ''}: ${batch.servers.join(', ')}\n`)
  }
  await askYes(`Patch ${plan.servers.length} servers now?`, io)
}

function append(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value]
}
