import { join } from 'node:path'
import PQueue from 'p-queue'
import { type ExitCode, exitCodes } from '../errors.js'
import type { ServerOutcome } from '../events/event.js'
import { followState } from '../events/follow-state.js'
import { countOutcomes } from '../events/reduce.js'
import type { ServerContext } from './context.js'
import { type PlanBasis, planBasis } from './drift.js'
import type { RunInput } from './executor.js'
import { type Forecast, forecast } from './forecast.js'
import { createLink } from './link.js'
import { needed } from './needed.js'
import { probeServer } from './server-run.js'
import { createTold } from './told.js'
import { untilLeft } from './until-left.js'

export interface DryRunEnd {
  /** 0: every server would be let through; 2: one would not; 4: none could be reached; 5 and 130 as in a run. */
  exitCode: ExitCode
  /** Of the servers that would be patched. */
  forecasts: Map<string, Forecast>
  /** Of every server whose facts could be read: what a saved plan rests on. */
  basis: Map<string, PlanBasis>
}

/** How long a server that is lost in the middle of a question is looked for. */
const patienceMs = 60_000

/**
 * Everything a run does up to precheck, for real, and from there on what it would do. Nothing is written on any server: the scripts it calls
 * only read.
 */
export async function executeDryRun(input: Omit<RunInput, 'resume'>): Promise<DryRunEnd> {
  const { plan, bus, control, playbook } = input
  const state = followState(bus)
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
  const end: DryRunEnd = { exitCode: exitCodes.ok, forecasts: new Map(), basis: new Map() }
  const queue = new PQueue({ concurrency: plan.throttle })
  const asked = queue.addAll(
    plan.servers.map(
      ({ name }) =>
        () =>
          askServer(name, input, end),
    ),
  )
  if ((await untilLeft(control.leaving, asked)) === 'left') return { ...end, exitCode: exitCodes.left }
  const outcomes = Object.values(state().servers).map(server => server.outcome ?? 'skipped')
  end.exitCode = dryRunExit(outcomes, control.stopping)
  await bus.emit({
    type: 'run.finished',
    outcome: end.exitCode === exitCodes.ok ? 'ok' : end.exitCode === exitCodes.stopped ? 'stopped' : 'failed',
    exitCode: end.exitCode,
    counts: countOutcomes(state()),
  })
  return end
}

async function askServer(name: string, input: Omit<RunInput, 'resume'>, end: DryRunEnd): Promise<void> {
  const { run, bus, control, playbook } = input
  if (control.stopping) {
    await bus.emit({ type: 'server.finished', server: name, outcome: 'skipped', cause: 'stopped' })
    return
  }
  const server = needed(
    input.servers.find(each => each.name === name),
    `server ${name}`,
  )
  const context: ServerContext = {
    run,
    attempt: 1,
    jobStarted: false,
    told: createTold().of(name, 1),
    server,
    playbook,
    package: input.package,
    jobAccount: input.jobAccount,
    link: createLink({ transport: input.transportFor(server), signal: control.leaving, patienceMs }),
    control,
    emit: bus.emit,
    folder: join(input.folder, 'servers', name),
    found: {},
  }
  const result = await probeServer(context)
  if (context.found.fact !== undefined) end.basis.set(name, planBasis(context.found.fact))
  if (result.outcome === 'changed') end.forecasts.set(name, await predict(context))
  await bus.emit({
    type: 'server.finished',
    server: name,
    outcome: result.outcome,
    ...(result.cause === undefined ? {} : { cause: result.cause }),
    note: result.outcome === 'changed' ? 'would be patched' : (result.note ?? ''),
  })
}

async function predict({ found, server, package: update, playbook, emit }: ServerContext): Promise<Forecast> {
  const made = forecast({
    allowed: found.letThrough ?? [],
    fact: needed(found.fact, 'facts'),
    readiness: needed(found.readiness, 'readiness'),
    package: update.info,
    playbook,
  })
  for (const change of [...made.settings.changes, ...made.settings.restores]) {
    await emit({ type: 'setting.predicted', server: server.name, ...change })
  }
  for (const { step, sure, text } of made.lines) {
    await emit({ type: 'step.progress', server: server.name, step, note: `${sure}: ${text}` })
  }
  return made
}

function dryRunExit(outcomes: ServerOutcome[], stopped: boolean): ExitCode {
  if (stopped) return exitCodes.stopped
  if (outcomes.length > 0 && outcomes.every(outcome => outcome === 'unreachable')) return exitCodes.unreachable
  return outcomes.every(outcome => outcome === 'changed' || outcome === 'ok') ? exitCodes.ok : exitCodes.failed
}
