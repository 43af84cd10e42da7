import { basename } from 'node:path'
import type { Command } from 'commander'
import { connectControl } from '../control/client.js'
import { UsageError } from '../errors.js'
import { findRun } from './find-run.js'
import type { CommandIo } from './io.js'
import { operatorName } from './operator-name.js'
import { runsFolder } from './run-folder.js'

export function register(program: Command, io: CommandIo): void {
  program
    .command('approve')
    .description('let a run go on that waits for approval before its next batch (rollout.between.confirm)')
    .argument('<run>', 'run id, its beginning, or a run folder')
    .option('--runs-dir <folder>', 'where the run folders are (default: EXROLL_RUNS, else ./.exroll/runs)')
    .action((run: string, options: { runsDir?: string }) => approve(run, options, io))
}

async function approve(name: string, options: { runsDir?: string }, io: CommandIo): Promise<void> {
  const folder = findRun(runsFolder(options.runsDir, io.env, io.cwd), name, io.cwd)
  const run = basename(folder)
  const client = await connectControl(folder, operatorName(io))
  try {
    const answer = await client.ask({ action: 'approve' })
    if (!answer.granted) {
      throw new UsageError(`run ${run} was not approved: ${answer.why}`, {
        code: 'NOT_WAITING',
        hint: `exroll status ${run} says where it is.`,
      })
    }
    io.stdout.write(`run ${run} goes on\n`)
  } finally {
    client.close()
  }
}
