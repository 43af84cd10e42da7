import { join } from 'node:path'
import PQueue from 'p-queue'
import { type ExitCode, exitCodes } from '../errors.js'
import type { ServerOutcome } from '../events/event.js'
import { countOutcomes, emptyState, reduce } from '../events/reduce.js'
import type { RunInput } from './executor.js'
import { type Forecast, forecast } from './forecast.js'
import { createLink } from './link.js'
import { needed } from './needed.js'
import { probeServer } from './server-run.js'
import { createTold } from './told.js'

/**
 * Everything a run does up to precheck, for real, and from there on what it would do. Nothing is written on any server: the scripts it calls
 * only read. Returns the forecasts by server and the exit code: 0 when every server would be let through, 2 when one would
 * not, 4 when none could be reached.
 */
export async function executeDryRun(
  input: RunInput,
): Promise<{ exitCode: ExitCode; forecasts: Map<string, Forecast> }> {
  const { plan, bus, control, playbook, servers, run } = input
  let state = emptyState()
  bus.listen(event => {
    state = reduce(state, event)
  })
  control.onWish(({ action }, by) => {
    void bus.emit({ type: 'control.taken', action, by })
  })
  await bus.emit({
    type: 'run.started',
    action: plan.action,
    dryRun: true,
    servers: plan.servers.map(({ name, roles, batch }) => ({ name, roles, batch })),
    tool: input.tool,
    playbook: playbook.file,
    title: playbook.name,
  })
  const forecasts = new Map<string, Forecast>()
  const queue = new PQueue({ concurrency: plan.throttle })
  await queue.addAll(
    plan.servers.map(({ name }) => async () => {
      if (control.stopping)
        return void (await bus.emit({ type: 'server.finished', server: name, outcome: 'skipped', cause: 'stopped' }))
      const server = needed(
        servers.find(each => each.name === name),
        `server ${name}`,
      )
      const context = {
        run,
        attempt: 1,
        jobStarted: false,
        told: createTold().of(name, 1),
        server,
        playbook,
        package: input.package,
        link: createLink({ transport: input.transportFor(server), signal: control.leaving, patienceMs: 60_000 }),
        control,
        emit: bus.emit,
        folder: join(input.folder, 'servers', name),
        found: {},
      }
      const result = await probeServer(context)
      if (result.outcome === 'changed') forecasts.set(name, await predict(context, input))
      await bus.emit({
        type: 'server.finished',
        server: name,
        outcome: result.outcome,
        ...(result.cause === undefined ? {} : { cause: result.cause }),
        note: result.outcome === 'changed' ? 'would be patched' : (result.note ?? ''),
      })
    }),
  )
  const exitCode = dryRunExit(
    Object.values(state.servers).map(server => server.outcome ?? 'skipped'),
    control.stopping,
  )
  await bus.emit({
    type: 'run.finished',
    outcome: exitCode === exitCodes.ok ? 'ok' : exitCode === exitCodes.stopped ? 'stopped' : 'failed',
    exitCode,
    counts: countOutcomes(state),
  })
  return { exitCode, forecasts }
}

type ProbedContext = Parameters<typeof probeServer>[0]

async function predict(
  { found, server }: ProbedContext,
  { package: update, playbook, bus }: RunInput,
): Promise<Forecast> {
  const made = forecast({
    fact: needed(found.fact, 'facts'),
    readiness: needed(found.readiness, 'readiness'),
    package: update.info,
    playbook,
  })
  for (const change of [...made.settings.changes, ...made.settings.restores]) {
    await bus.emit({ type: 'setting.predicted', server: server.name, ...change })
  }
  for (const { step, sure, text } of made.lines) {
    await bus.emit({ type: 'step.progress', server: server.name, step, note: `${sure}: ${text}` })
  }
  return made
}

function dryRunExit(outcomes: ServerOutcome[], stopped: boolean): ExitCode {
  if (stopped) return exitCodes.stopped
  if (outcomes.length > 0 && outcomes.every(outcome => outcome === 'unreachable')) return exitCodes.unreachable
  return outcomes.every(outcome => outcome === 'changed' || outcome === 'ok') ? exitCodes.ok : exitCodes.failed
}
