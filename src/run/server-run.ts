import { AuthError, ConnectError, errorInfo, ToolError } from '../errors.js'
import type { ServerOutcome, StepName } from '../events/event.js'
import type { ScriptName } from '../scripts/catalog.js'
import { scriptHash } from '../scripts/load.js'
import type { ServerContext, Step, StepResult } from './context.js'
import { adoptJob, runJob } from './job.js'
import {
  beginAt,
  isAfterJob,
  type JobStep,
  jobStarted,
  jobSteps,
  newProgress,
  nextMove,
  type ServerProgress,
} from './machine.js'
import { collect } from './steps/collect.js'
import { connect } from './steps/connect.js'
import { diagnose } from './steps/diagnose.js'
import { facts } from './steps/facts.js'
import { guard } from './steps/guard.js'
import { maintenanceOff, maintenanceOn } from './steps/maintenance.js'
import { precheck } from './steps/precheck.js'
import { reboot } from './steps/reboot.js'
import { disarm, services } from './steps/services.js'
import { snapshot } from './steps/snapshot.js'
import { stage } from './steps/stage.js'
import { verify } from './steps/verify.js'

/** Every step but the three that the job on the server carries out. `script` is what it calls first, for the journal. */
const steps: Record<Exclude<StepName, JobStep>, { step: Step; script?: ScriptName }> = {
  connect: { step: connect },
  facts: { step: facts, script: 'Get-ServerFact' },
  precheck: { step: precheck, script: 'Test-ServerReadiness' },
  stage: { step: stage, script: 'Initialize-Package' },
  snapshot: { step: snapshot, script: 'New-Snapshot' },
  guard: { step: guard, script: 'Register-Guard' },
  'maintenance-on': { step: maintenanceOn, script: 'Move-ClusteredServer' },
  reboot: { step: reboot, script: 'Restart-Server' },
  services: { step: services, script: 'Start-SnapshotService' },
  verify: { step: verify, script: 'Test-Installation' },
  'maintenance-off': { step: maintenanceOff },
  collect: { step: collect, script: 'Get-CollectableLog' },
  diagnose: { step: diagnose },
}

export interface ServerResult {
  outcome: ServerOutcome
  cause?: string
  /** The detached job of this attempt may have been started. */
  jobStarted: boolean
}

/**
 * Takes one server from `connect` to its outcome. A failed server is a value; only a bug in exroll throws, after the session was
 * closed.
 */
export async function runServer(context: ServerContext): Promise<ServerResult> {
  const progress = newProgress()
  const { emit, server, link, control, found } = context
  if (skipsJob(context)) beginAt(progress, context.fromStep)
  try {
    for (;;) {
      progress.stopping = control.stopping
      const move = nextMove(progress)
      if ('end' in move) return await finish(context, progress, move.end)
      if (isJobStep(move.step)) await attemptJob(context, progress)
      else await attemptStep(context, progress, move.step)
      if (control.leaving.aborted) return { outcome: 'unknown', jobStarted: jobStarted(progress.ended) }
    }
  } catch (error) {
    if (control.leaving.aborted) return { outcome: 'unknown', jobStarted: jobStarted(progress.ended) }
    await emit({ type: 'server.finished', server: server.name, outcome: 'unknown', cause: 'bug' })
    throw error
  } finally {
    found.collected = []
    await link.close().catch(() => undefined)
  }
}

/**
 * The part of a run that only reads: connect, facts, precheck. `changed` = a real run would patch it. Closes the session.
 */
export async function probeServer(
  context: ServerContext,
): Promise<Omit<ServerResult, 'jobStarted'> & { note?: string }> {
  const progress = newProgress()
  try {
    for (const step of ['connect', 'facts', 'precheck'] as const) {
      if ('end' in nextMove(progress)) break
      await attemptStep(context, progress, step)
      if (progress.ended[step] === 'failed') break
    }
  } finally {
    await context.link.close().catch(() => undefined)
  }
  const { cause, note } = context.found
  const told = { ...(cause === undefined ? {} : { cause }), ...(note === undefined ? {} : { note }) }
  if (progress.unreachable) return { outcome: 'unreachable', ...told }
  if (progress.blocked) return { outcome: 'blocked', ...told }
  if (progress.current) return { outcome: 'ok', ...told }
  return { outcome: progress.ended.precheck === 'ok' ? 'changed' : 'failed', ...told }
}

async function finish(context: ServerContext, progress: ServerProgress, outcome: ServerOutcome): Promise<ServerResult> {
  const { emit, server, found } = context
  const stoppedBefore = outcome === 'skipped' || (outcome === 'failed' && !jobStarted(progress.ended))
  if (stoppedBefore && progress.ended.guard === 'changed') {
    // Nothing was changed yet, so the guard has nothing to wait for.
    await disarm(context).catch(() => undefined)
  }
  const cause = outcome === 'changed' || outcome === 'ok' ? undefined : outcome === 'skipped' ? 'stopped' : found.cause
  await emit({
    type: 'server.finished',
    server: server.name,
    outcome,
    ...(cause === undefined ? {} : { cause }),
    ...(found.note === undefined || found.note === '' ? {} : { note: found.note }),
  })
  return { outcome, jobStarted: jobStarted(progress.ended), ...(cause === undefined ? {} : { cause }) }
}

async function attemptStep(
  context: ServerContext,
  progress: ServerProgress,
  name: Exclude<StepName, JobStep>,
): Promise<void> {
  const { emit, server } = context
  const { step, script } = steps[name]
  await emit({
    type: 'step.started',
    server: server.name,
    step: name,
    attempt: context.attempt,
    ...(script === undefined ? {} : { script, sha256: scriptHash(script) }),
  })
  const started = performance.now()
  const result = await outcomeOf(context, progress, name, step)
  progress.ended[name] = result.outcome
  if (name === 'precheck') progress.current = result.outcome === 'skipped'
  if (result.error?.code === 'PRECHECK_BLOCKED') progress.blocked = true
  if (result.error?.code === 'RUN_ARMED') {
    progress.blocked = true
    context.found.cause = 'run-in-progress'
  }
  await emit({
    type: 'step.finished',
    server: server.name,
    step: name,
    outcome: result.outcome,
    ms: Math.round(performance.now() - started),
    ...(result.error === undefined ? {} : { error: result.error }),
    ...(result.note === undefined || result.note === '' ? {} : { note: result.note }),
  })
}

/** Runs a step; what it throws on purpose becomes its outcome, anything else is a bug and goes on. */
async function outcomeOf(
  context: ServerContext,
  progress: ServerProgress,
  name: StepName,
  step: Step,
): Promise<StepResult> {
  try {
    return await step(context)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const nothingChanged = name === 'connect' || name === 'facts' || name === 'precheck'
    const noWay = error instanceof ConnectError || error instanceof AuthError || error.code === 'CONNECTION_LOST'
    if (nothingChanged && noWay) {
      progress.unreachable = true
      context.found.cause = error.code
    } else context.found.cause ??= error.code.toLowerCase().replaceAll('_', '-')
    return { outcome: 'failed', error: errorInfo(error) }
  }
}

async function attemptJob(context: ServerContext, progress: ServerProgress): Promise<void> {
  try {
    if (skipsJob(context)) {
      await adoptJob(context)
      for (const step of jobSteps) progress.ended[step] = 'skipped'
      return
    }
    Object.assign(progress.ended, await runJob(context, context.attempt))
    const sound = jobSteps.every(step => progress.ended[step] !== 'failed' && progress.ended[step] !== 'unknown')
    // A job that never spoke of a step leaves it unknown; asking for it again would only find the same journal.
    for (const step of jobSteps) progress.ended[step] ??= sound ? 'unknown' : 'skipped'
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    // The call that starts the job failed: whether it runs is for the guard and the next look to say.
    progress.ended['settings-on'] = 'unknown'
    context.found.cause ??= error.code.toLowerCase().replaceAll('_', '-')
    await context.emit({
      type: 'step.finished',
      server: context.server.name,
      step: 'settings-on',
      outcome: 'unknown',
      ms: 0,
      error: errorInfo(error),
    })
  }
}

function skipsJob(context: ServerContext): context is ServerContext & { fromStep: StepName } {
  return context.jobStarted && context.fromStep !== undefined && isAfterJob(context.fromStep)
}

function isJobStep(step: StepName): step is JobStep {
  return (jobSteps as readonly StepName[]).includes(step)
}
