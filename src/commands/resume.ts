import { type Command, Option } from 'commander'
import { type StepName, stepNames } from '../events/event.js'
import { askSecrets } from './ask-secrets.js'
import { findRun } from './find-run.js'
import type { CommandIo } from './io.js'
import { chooseUi, launch, type UiChoice, uiChoices } from './launch.js'
import { runsFolder } from './run-folder.js'
import { readRunRecord } from './run-record.js'
import { refuseLivingRun } from './runner-lock.js'

interface ResumeOptions {
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
  // Before anybody types a password; the runner holds the lock that decides.
  refuseLivingRun(folder, record.run)
  const secrets = await askSecrets(record.servers, io)
  const { retryFailed = false, fromStep, detach = false } = options
  io.setExitCode(await launch({ folder, secrets, ui, detach, retryFailed, fromStep, io }))
}
