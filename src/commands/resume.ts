import { type Command, Option } from 'commander'
import { UsageError } from '../errors.js'
import { type StepName, stepNames } from '../events/event.js'
import type { Credential, Inventory, InventoryServer } from '../inventory/model.js'
import { askSecrets } from './ask-secrets.js'
import { findRun } from './find-run.js'
import type { CommandIo } from './io.js'
import { chooseUi, launch, type UiChoice, uiChoices } from './launch.js'
import { readInventory } from './read-input.js'
import { runsFolder } from './run-folder.js'
import { type RunRecord, readRunRecord, writeRun } from './run-record.js'
import { refuseLivingRun } from './runner-lock.js'

interface ResumeOptions {
  inventory?: string
  retryFailed?: true
  fromStep?: StepName
  ui: UiChoice
  detach?: true
  runsDir?: string
}

export function register(program: Command, io: CommandIo): void {
  program
    .command('resume')
    .description('go on with an interrupted run, from its journal and from what the servers say')
    .argument('[run]', 'run id, its beginning, or a run folder; default: the newest')
    .option(
      '-i, --inventory <file>',
      'take hosts and credentials from this inventory, on a machine where they are others',
    )
    .option('--retry-failed', 'also take failed, blocked and unreachable servers again')
    .addOption(
      new Option(
        '--from-step <step>',
        'begin there with servers whose install was started; behind the install, no new one is started',
      ).choices(stepNames),
    )
    .addOption(new Option('--ui <kind>', 'what to show').choices(uiChoices).default('auto'))
    .option('--detach', 'run in the background and print the run id')
    .option('--runs-dir <folder>', 'where the run folders are (default: EXROLL_RUNS, else ./.exroll/runs)')
    .action((run: string | undefined, options: ResumeOptions) => resume(run, options, io))
}

async function resume(run: string | undefined, options: ResumeOptions, io: CommandIo): Promise<void> {
  const folder = findRun(runsFolder(options.runsDir, io.env, io.cwd), run, io.cwd)
  const ui = chooseUi(options.ui, io)
  const record = readRunRecord(folder)
  const inventory = options.inventory === undefined ? undefined : readInventory(options.inventory)
  const servers = inventory === undefined ? record.servers : sameServers(record, inventory)
  const jobAccount = inventory === undefined ? record.jobAccount : sameAccount(record, inventory)
  // Before anybody types a password; the runner holds the lock that decides.
  refuseLivingRun(folder, record.run)
  const secrets = await askSecrets(servers, io, jobAccount)
  if (inventory !== undefined) writeRun(folder, { ...record, servers, ...(jobAccount !== undefined && { jobAccount }) })
  const { retryFailed = false, fromStep, detach = false } = options
  io.setExitCode(await launch({ folder, secrets, ui, detach, retryFailed, fromStep, io }))
}

/** The servers of the run as another inventory has them: hosts and credentials may differ, the fleet may not. */
function sameServers({ run, servers }: RunRecord, { file, servers: others }: Inventory): InventoryServer[] {
  const now = new Map(others.map(server => [server.name, server]))
  const missing = servers.filter(({ name }) => !now.has(name))
  if (missing.length > 0) {
    throw new UsageError(
      `${file} does not have these servers of run ${run}: ${missing.map(({ name }) => name).join(', ')}`,
      {
        code: 'RUN_SERVER_MISSING',
        hint: 'An inventory for resume names every server of the run; others in it are left alone.',
      },
    )
  }
  const found = servers.flatMap(({ name }) => now.get(name) ?? [])
  return found
}

/** The account that installs run as, as another inventory has it: its password may come from elsewhere, its name may not change. */
function sameAccount({ run, jobAccount }: RunRecord, { file, credentials }: Inventory): Credential | undefined {
  if (jobAccount === undefined) return undefined
  const now = credentials.find(({ name }) => name === jobAccount.name)
  if (now?.username.toLowerCase() === jobAccount.username.toLowerCase()) return now
  throw new UsageError(
    `${file} has no credential ${jobAccount.name} of ${jobAccount.username}, which run ${run} installs as`,
    {
      code: 'RUN_ACCOUNT_MISSING',
      hint: 'Give the credential the same name and user name there; its password may come from another source.',
    },
  )
}
