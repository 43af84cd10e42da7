import type { Command } from 'commander'
import { UsageError } from '../errors.js'
import { findRun } from './find-run.js'
import { followPlainly } from './follow-plainly.js'
import type { CommandIo } from './io.js'
import { chooseUi } from './launch.js'
import { replayRun } from './replay-run.js'
import { runsFolder } from './run-folder.js'
import { livingRunner } from './runner-lock.js'
import { viewRun } from './view-run.js'

interface WatchOptions {
  control?: true
  speed: string
  runsDir?: string
}

export function register(program: Command, io: CommandIo): void {
  program
    .command('watch')
    .description('the dashboard on a run of another process, or a replay of one that is over')
    .argument('[run]', 'run id, its beginning, or a run folder; default: the newest')
    .option('--control', 'pass keys on to the run; without it nothing can be asked of it')
    .option('--speed <x>', 'how many times faster a replay is than the run was', '20')
    .option('--runs-dir <folder>', 'where the run folders are (default: EXROLL_RUNS, else ./.exroll/runs)')
    .action((run: string | undefined, options: WatchOptions) => watch(run, options, io))
}

/** Off a terminal: the lines that `plain` prints, as they come, or at once when the run is over. */
async function watch(run: string | undefined, options: WatchOptions, io: CommandIo): Promise<void> {
  const speed = Number(options.speed)
  if (!(speed > 0)) {
    throw new UsageError(`--speed ${options.speed}: must be a number above 0`, { code: 'USAGE', hint: '--speed 20' })
  }
  const folder = findRun(runsFolder(options.runsDir, io.env, io.cwd), run, io.cwd)
  const living = livingRunner(folder) !== undefined
  if (chooseUi('auto', io) === 'plain') io.setExitCode(await followPlainly(folder, io))
  else if (living) io.setExitCode(await viewRun({ folder, control: options.control === true, io }))
  else await replayRun({ folder, speed, io })
}
