import { type ExitCode, exitCodes } from '../errors.js'
import { createEventBus } from '../events/bus.js'
import { followState } from '../events/follow-state.js'
import { dryRunReport } from '../output/dry-run-report.js'
import { createRunControl } from '../run/control.js'
import { executeDryRun } from '../run/dry-run.js'
import { transports } from '../transport/transport-for.js'
import { askSecrets } from './ask-secrets.js'
import type { CommandIo } from './io.js'
import { jobAccountOf } from './job-account.js'
import { toolVersion } from './program.js'
import { newRunId } from './run-folder.js'
import type { RunRecord } from './run-record.js'
import { type SavedPlan, writeSavedPlan } from './saved-plan.js'
import { listenForSignals } from './signals.js'
import { listenersFor, type Ui } from './start-run.js'

export interface DryRunInput extends Omit<RunRecord, 'run'> {
  ui: Ui
  /** Where the plan is saved, and what else goes into it. */
  save?: { file: string; words: SavedPlan['words'] }
  io: CommandIo
}

/**
 * Shows what a run would do: progress on stderr, the report on stdout (with `ndjson` the events). Leaves nothing behind, on the servers or
 * here, but for the plan that is saved.
 */
export async function dryRun({ ui, save, io, ...record }: DryRunInput): Promise<ExitCode> {
  const { plan, playbook, servers, update, jobAccount } = record
  const secrets = await askSecrets(servers, io, jobAccount)
  const run = newRunId(new Date())
  const bus = createEventBus({
    run,
    now: () => new Date().toISOString(),
    durable: async () => undefined,
    mask: secrets.masker.mask,
  })
  const state = followState(bus)
  for (const listener of listenersFor(ui, io, [])) bus.listen(listener)
  const control = createRunControl()
  const silence = listenForSignals(
    control,
    () => io.stderr.write('\nexroll: stopping; nothing was changed.\n'),
    io.host?.stop,
  )
  const tool = `exroll ${toolVersion()}`
  try {
    const { exitCode, forecasts, basis } = await executeDryRun({
      run,
      plan,
      servers,
      playbook,
      package: update,
      ...(jobAccount !== undefined && { jobAccount: jobAccountOf(jobAccount, secrets) }),
      transportFor: transports({ secrets }),
      bus,
      control,
      folder: io.cwd,
      tool,
    })
    if (ui === 'plain') io.stdout.write(dryRunReport(state(), forecasts))
    if (save === undefined) return exitCode
    if (exitCode !== exitCodes.ok && exitCode !== exitCodes.failed) {
      io.stderr.write(`exroll: no plan was saved: the dry run did not come to its end\n`)
      return exitCode
    }
    const saved = {
      tool,
      savedAt: new Date().toISOString(),
      sha256: update.info.sha256,
      words: save.words,
      plan,
      playbook,
      servers,
      ...(jobAccount !== undefined && { jobAccount }),
      basis: Object.fromEntries(basis),
    }
    writeSavedPlan(save.file, saved, io)
    io.stderr.write(`The plan is in ${save.file}. Carry it out with: exroll run --plan ${save.file}\n`)
    return exitCode
  } finally {
    silence()
  }
}
