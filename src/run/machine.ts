import { type ServerOutcome, type StepName, type StepOutcome, stepNames } from '../events/event.js'

/** What one server's way through the steps has come to so far. Plain data; `resume` fills it from the journal. */
export interface ServerProgress {
  /** Outcome of each step that has ended. */
  ended: Partial<Record<StepName, StepOutcome>>
  /** Precheck refused it. */
  blocked: boolean
  /** Precheck found it current, or newer. */
  current: boolean
  /** The operator asked to stop. A server whose job was started is finished all the same. */
  stopping: boolean
  /** The server was never reached: no session, or lost before anything was changed. */
  unreachable: boolean
}

export type NextMove = { step: StepName } | { end: ServerOutcome }

/** Steps the job on the server carries out by itself; they are followed as one. */
export const jobSteps = ['settings-on', 'install', 'settings-restore'] as const
export type JobStep = (typeof jobSteps)[number]

/** After a failure only what makes the server safe and the failure understandable still happens. */
const afterJobFailure: readonly StepName[] = ['services', 'collect', 'diagnose']
const afterOtherFailure: readonly StepName[] = ['collect', 'diagnose']

export function newProgress(): ServerProgress {
  return { ended: {}, blocked: false, current: false, stopping: false, unreachable: false }
}

/**
 * What is next for a server. Pure: the same progress always gives the same move.
 *
 * - nothing reached: `unreachable`. Refused by precheck: `blocked`. Already current: `ok`.
 * - a failure before the job: logs and diagnosis, then `failed`; the job is never started.
 * - a job whose end is not known: logs and diagnosis, then `unknown`; services are left to the guard, because starting them on
 *   half-written files makes things worse (faults.md, guard condition 4).
 * - a failed job: services are still put back before the logs are read.
 */
export function nextMove(progress: ServerProgress): NextMove {
  const { ended } = progress
  if (progress.unreachable) return { end: 'unreachable' }
  if (progress.blocked) return { end: 'blocked' }
  if (progress.current) return { end: 'ok' }

  const trouble = firstTrouble(ended)
  if (trouble === undefined) {
    if (progress.stopping && !jobStarted(ended)) return { end: 'skipped' }
    const next = stepNames.find(step => ended[step] === undefined)
    return next === undefined ? { end: 'changed' } : { step: next }
  }
  const rest = isJobStep(trouble.step) && trouble.outcome === 'failed' ? afterJobFailure : afterOtherFailure
  const next = rest.find(step => ended[step] === undefined)
  return next === undefined ? { end: trouble.outcome } : { step: next }
}

/** True once the detached job may run: from here on the server is always finished and restored. */
export function jobStarted(ended: ServerProgress['ended']): boolean {
  return jobSteps.some(step => ended[step] !== undefined)
}

/** True for the steps that come when the install is over. */
export function isAfterJob(step: StepName): boolean {
  return stepNames.indexOf(step) > stepNames.indexOf('settings-restore')
}

/**
 * Lets a server whose job was started begin at `step`, which comes after the job: what lies before is taken as done, but for what only
 * reads, and for the snapshot, which is never taken twice.
 */
export function beginAt(progress: ServerProgress, step: StepName): void {
  const repeated: readonly StepName[] = ['connect', 'facts', 'precheck', 'snapshot', ...jobSteps]
  for (const before of stepNames.slice(0, stepNames.indexOf(step))) {
    if (!repeated.includes(before)) progress.ended[before] = 'skipped'
  }
}

/** A setting that could not be put back has its own event and exit code; the server itself is patched and goes on. */
function firstTrouble(ended: ServerProgress['ended']): { step: StepName; outcome: 'failed' | 'unknown' } | undefined {
  for (const step of stepNames) {
    const outcome = ended[step]
    if (step === 'settings-restore' || step === 'collect' || step === 'diagnose') continue
    if (outcome === 'failed' || outcome === 'unknown') return { step, outcome }
  }
  return undefined
}

function isJobStep(step: StepName): boolean {
  return (jobSteps as readonly StepName[]).includes(step)
}
