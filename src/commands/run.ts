import { type Command, Option } from 'commander'
import { exitCodes, ToolError, UsageError } from '../errors.js'
import type { Plan } from '../plan/model.js'
import type { Playbook } from '../playbook/model.js'
import type { RunPackage } from '../run/context.js'
import { planDrift } from '../run/plan-drift.js'
import type { Secrets } from '../secrets/secrets.js'
import { transports } from '../transport/transport-for.js'
import { askSecrets } from './ask-secrets.js'
import { askYes } from './ask-yes.js'
import { dryRun } from './dry-run.js'
import type { CommandIo } from './io.js'
import { chooseUi, launch, type UiChoice, uiChoices } from './launch.js'
import { makeRunFolder, newRunId, runsFolder } from './run-folder.js'
import { type RunInputs, readRunInput } from './run-input.js'
import { refuseDrift } from './saved-plan.js'
import { whileAsking } from './signals.js'

interface RunOptions {
  inventory?: string
  limit?: string
  yes?: true
  ui: UiChoice
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
    .argument('[playbook]', 'playbook file; with --plan it is in the plan')
    .option('-i, --inventory <file>', 'inventory file')
    .option(
      '--limit <pattern>',
      'only these servers: names, globs, role:, site:, group:, cluster:, ! negates, "," is or, "&" is and',
    )
    .option('--yes', 'do not ask before starting')
    .addOption(new Option('--ui <kind>', 'what to show').choices(uiChoices).default('auto'))
    .option('--runs-dir <folder>', 'where run folders go (default: EXROLL_RUNS, else ./.exroll/runs)')
    .option('--set <key=value>', 'override one value of the playbook (repeatable)', append)
    .option('--allow <block[@server]>', 'let a block of precheck through (repeatable)', append)
    .option('--dry-run', 'show what would happen, change nothing')
    .option('--detach', 'run in the background and print the run id')
    .option('--save-plan <file>', 'with --dry-run: save its plan')
    .option('--plan <file>', 'carry out a saved plan, if nothing has drifted since')
    .action((playbook: string | undefined, options: RunOptions) => run(playbook, options, io))
}

async function run(playbookFile: string | undefined, options: RunOptions, io: CommandIo): Promise<void> {
  refuseContradictions(options)
  const ui = chooseUi(options.ui, io)
  const { saved, ...record } = readRunInput({ playbook: playbookFile, ...options }, io)
  if (options.dryRun === true) {
    const { set = [], allow = [], limit = null, savePlan } = options
    const save = savePlan === undefined ? {} : { save: { file: savePlan, words: { set, allow, limit } } }
    // A dry run is over soon and ends in a report: there is nothing to steer.
    io.setExitCode(await dryRun({ ...record, ui: ui === 'dashboard' ? 'plain' : ui, ...save, io }))
    return
  }
  if (options.yes !== true) await confirm({ ...record, io })
  const secrets = await askSecrets(record.servers, io, record.jobAccount)
  if (saved !== undefined && options.plan !== undefined) {
    await checkServers({ ...record, saved }, options.plan, secrets)
  }
  const runs = runsFolder(options.runsDir, io.env, io.cwd)
  const folder = makeRunFolder(runs, { run: newRunId(new Date()), ...record })
  io.setExitCode(await launch({ folder, secrets, ui, detach: options.detach === true, io }))
}

function refuseContradictions({ dryRun, detach, savePlan, plan }: RunOptions): void {
  const wrong =
    savePlan !== undefined && dryRun !== true
      ? '--save-plan goes with --dry-run: the plan is what a dry run found'
      : dryRun === true && detach === true
        ? '--dry-run and --detach do not go together: a dry run is there to be read'
        : dryRun === true && plan !== undefined
          ? '--dry-run and --plan do not go together: a saved plan is a dry run already'
          : undefined
  if (wrong === undefined) return
  throw new UsageError(wrong, { code: 'USAGE', hint: 'Leave one of them out; exroll run --help has them all.' })
}

/** A saved plan is carried out only on servers that are what they were when somebody looked at it. */
function checkServers(
  { servers, saved, plan, jobAccount }: RunInputs & { saved: NonNullable<RunInputs['saved']> },
  file: string,
  secrets: Secrets,
) {
  return whileAsking(async signal => {
    const drifted = await planDrift({
      servers,
      jobAccount: jobAccount?.username ?? '',
      basis: saved.basis,
      transportFor: transports({ secrets }),
      throttle: plan.throttle,
      signal,
    })
    if (signal.aborted) {
      throw new ToolError('stopped before anything was changed', {
        code: 'STOPPED',
        hint: `exroll run --plan ${file} begins again.`,
        exitCode: exitCodes.stopped,
      })
    }
    refuseDrift(file, drifted)
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
