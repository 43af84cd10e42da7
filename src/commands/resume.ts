import { type Command, Option } from 'commander'
import { findRun } from './find-run.js'
import type { CommandIo } from './io.js'
import { runsFolder } from './run-folder.js'
import { resumeRun, type Ui } from './start-run.js'

export function register(program: Command, io: CommandIo): void {
  program
    .command('resume')
    .description('go on with an interrupted run, from its journal and from what the servers say')
    .argument('[run]', 'run id, its beginning, or a run folder; default: the newest')
    .option('--retry-failed', 'also take failed, blocked and unreachable servers again')
    .addOption(new Option('--ui <kind>', 'what to show').choices(['auto', 'plain', 'ndjson', 'quiet']).default('auto'))
    .option('--runs-dir <folder>', 'where the run folders are (default: EXROLL_RUNS, else ./.exroll/runs)')
    .action(async (run: string | undefined, options: { retryFailed?: true; ui: 'auto' | Ui; runsDir?: string }) => {
      const folder = findRun(runsFolder(options.runsDir, io.env, io.cwd), run, io.cwd)
      const { exitCode } = await resumeRun(folder, {
        retryFailed: options.retryFailed === true,
        ui: options.ui === 'auto' ? 'plain' : options.ui,
        io,
      })
      io.setExitCode(exitCode)
    })
}
