import type { Command } from 'commander'
import type { RunEvent } from '../events/event.js'
import { emptyState, reduce } from '../events/reduce.js'
import { recap } from '../output/recap.js'
import { terminalJson } from '../output/terminal-text.js'
import { findRun, readJournal } from './find-run.js'
import type { CommandIo } from './io.js'
import { runsFolder, runWord } from './run-folder.js'
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
      const events = readJournal(folder)
      const state = events.reduce(reduce, emptyState())
      const runner = livingRunner(folder)
      if (options.json === true) {
        io.stdout.write(terminalJson({ ...state, runner: runner ?? null, folder }))
        return
      }
      io.stdout.write(recap(state, { folder }))
      io.stdout.write(
        `${whatNext(state.finished?.outcome, { runner, held: heldBy(events), run: runWord(folder, io) })}\n`,
      )
    })
}

/** Who paused the run last, unless it was let go on since. */
function heldBy(events: readonly RunEvent[]): string | undefined {
  const last = events.findLast(event => event.type === 'control.taken' && !('server' in event))
  return last?.type === 'control.taken' && last.action === 'pause' ? last.by : undefined
}

function whatNext(
  outcome: string | undefined,
  { runner, held, run }: { runner: number | undefined; held: string | undefined; run: string },
): string {
  if (runner !== undefined && held !== undefined) {
    return held.startsWith('playbook')
      ? `It waits for approval before its next batch. Let it go on: exroll approve ${run}`
      : `It was paused by ${held}; exroll watch ${run} --control lets it go on.`
  }
  if (runner !== undefined) return `It is being carried out by process ${runner}.`
  if (outcome === 'ok') return 'It is finished; nothing is left to do.'
  const ended =
    outcome === undefined ? 'It was interrupted' : outcome === 'stopped' ? 'It was stopped' : 'It is finished'
  return `${ended}. Go on: exroll resume ${run}${outcome === 'failed' || outcome === 'stuck' ? ' --retry-failed' : ''}`
}
