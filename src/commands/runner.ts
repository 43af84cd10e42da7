import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import { UsageError } from '../errors.js'
import { openSecrets } from '../secrets/secrets.js'
import { carryOut } from './carry-out.js'
import type { CommandIo } from './io.js'
import type { RunnerOrders } from './spawn-runner.js'

/** The process behind a dashboard or `--detach`: it carries a run out, draws nothing, and is started by exroll itself only. */
export function register(program: Command, io: CommandIo): void {
  program
    .command('runner', { hidden: true })
    .argument('<folder>', 'the run folder')
    .action(async (folder: string) => {
      const { secrets, retryFailed, fromStep } = await readOrders(io.stdin)
      const { exitCode } = await carryOut({
        folder,
        secrets: openSecrets({ env: io.env, given: secrets }),
        retryFailed,
        fromStep: fromStep ?? undefined,
        listeners: () => [],
        say: text => io.stderr.write(`exroll: ${text}\n`),
      })
      io.setExitCode(exitCode)
    })
}

async function readOrders(stdin: Readable): Promise<RunnerOrders> {
  let text = ''
  for await (const piece of stdin) text += String(piece)
  try {
    return JSON.parse(text) as RunnerOrders
  } catch {
    throw new UsageError('the runner got no orders', {
      code: 'RUNNER_ORDERS',
      hint: 'It is started by `exroll run` and `exroll resume`; run one of them.',
    })
  }
}
