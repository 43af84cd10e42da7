import { join } from 'node:path'
import type { Command } from 'commander'
import { UsageError } from '../errors.js'
import type { RunEvent } from '../events/event.js'
import { countOutcomes, emptyState, reduce } from '../events/reduce.js'
import { terminalJson } from '../output/terminal-text.js'
import { listRuns, readJournal } from './find-run.js'
import type { CommandIo } from './io.js'
import { runsFolder } from './run-folder.js'
import { livingRunner } from './runner-lock.js'

export function register(program: Command, io: CommandIo): void {
  program
    .command('runs')
    .description('the list of runs, newest first')
    .option('--json', 'as JSON')
    .option('--runs-dir <folder>', 'where the run folders are (default: EXROLL_RUNS, else ./.exroll/runs)')
    .action((options: { json?: true; runsDir?: string }) => {
      const runs = runsFolder(options.runsDir, io.env, io.cwd)
      const rows = listRuns(runs).map(run => summary(join(runs, run), run))
      if (options.json === true) {
        io.stdout.write(terminalJson(rows))
        return
      }
      if (rows.length === 0) io.stdout.write(`no runs in ${runs}\n`)
      for (const { run, state, counts, title } of rows) {
        const told = Object.entries(counts).filter(([, count]) => count > 0)
        io.stdout.write(
          `${run}  ${state.padEnd(11)} ${told.map(([outcome, count]) => `${outcome} ${count}`).join(', ')}  ${title}\n`,
        )
      }
    })
}

function summary(folder: string, run: string) {
  const events = readable(folder)
  const state = (events ?? []).reduce(reduce, emptyState())
  const living = livingRunner(folder) !== undefined
  return {
    run,
    state: events === undefined ? 'damaged' : living ? 'running' : (state.finished?.outcome ?? 'interrupted'),
    counts: countOutcomes(state),
    servers: state.order.length,
    startedAt: state.startedAt,
    title: state.title,
  }
}

/** Undefined for a journal that cannot be read: the list still has to show the others. */
function readable(folder: string): RunEvent[] | undefined {
  try {
    return readJournal(folder)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return undefined
  }
}
