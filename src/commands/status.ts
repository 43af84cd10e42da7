import type { Command } from 'commander'
import { emptyState, reduce } from '../events/reduce.js'
import { recap } from '../output/recap.js'
import { findRun, readJournal } from './find-run.js'
import type { CommandIo } from './io.js'
import { runsFolder } from './run-folder.js'
import { livingRunner } from './runner-lock.js'

export function register(program: Command, io: CommandIo): void {
  program
    .command('status')
    .description('what a run came to, and what is left')
    .argument('[run]', 'run id, its beginning, or a run folder; default: the newest')
    .option('--json', 'the state as one JSON object')
    .option('--runs-dir <folder>', 'where the run folders are (default: EXROLL_RUNS, else ./.exroll/runs)')
    .action((run: string | undefined, options: { json?: true; runsDir?: string }) => {
      const folder = findRun(runsFolder(options.runsDir, io.env, io.cwd), run, io.cwd)
      const state = readJournal(folder).reduce(reduce, emptyState())
      const runner = livingRunner(folder)
      if (options.json === true) {
        io.stdout.write(`${JSON.stringify({ ...state, runner: runner ?? null, folder }, null, 2)}\n`)
        return
      }
      io.stdout.write(recap(state, { folder }))
      io.stdout.write(`${whatNext(state.finished?.outcome, runner, state.run)}\n`)
    })
}

function whatNext(outcome: string | undefined, runner: number | undefined, run: string): string {
  if (runner !== undefined) return `It is being carried out by process ${runner}.`
  if (outcome === 'ok') return 'It is finished; nothing is left to do.'
  const ended =
    outcome === undefined ? 'It was interrupted' : outcome === 'stopped' ? 'It was stopped' : 'It is finished'
  return `${ended}. Go on: exroll resume ${run}${outcome === 'failed' || outcome === 'stuck' ? ' --retry-failed' : ''}`
}
