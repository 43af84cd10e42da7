import type { RunEvent, ServerOutcome, StepName } from '../events/event.js'
import { isAfterJob } from './machine.js'

/** What an earlier process of the same run came to, read from its journal. */
export interface Prior {
  /** Servers that are done with. */
  outcomes: Record<string, ServerOutcome>
  /** What was tried at each server last, or is to be tried now at those that are gone on with. */
  attempts: Record<string, Underway>
}

export interface Underway {
  /** 1-based. A second attempt is a second install: only `--retry-failed` asks for one, and only after a failed one. */
  attempt: number
  /** The detached job of this attempt may have been started: it is looked for, never started again. */
  jobStarted: boolean
}

export const firstAttempt: Underway = { attempt: 1, jobStarted: false }

/**
 * Who is done and who is not. `changed` and `ok` are done; `skipped`, `unknown` and servers without an end are gone on with; `failed`,
 * `blocked` and `unreachable` only when asked. `fromStep` behind the install stays with the install that was. Pure.
 */
export function priorOf(
  events: readonly RunEvent[],
  { retryFailed, fromStep }: { retryFailed: boolean; fromStep?: StepName | undefined },
): Prior {
  const installAgain = fromStep === undefined || !isAfterJob(fromStep)
  const servers = new Map<string, Underway & { outcome: ServerOutcome | null }>()
  for (const event of events) {
    if (event.type === 'run.started') {
      for (const { name } of event.servers) servers.set(name, { attempt: 1, jobStarted: false, outcome: null })
    }
    if (!('server' in event) || event.server === undefined) continue
    const server = servers.get(event.server)
    if (server === undefined) continue
    if (event.type === 'server.finished') server.outcome = event.outcome
    if (event.type !== 'step.started') continue
    if (server.outcome !== null) Object.assign(server, nextAttempt(server, server.outcome), { outcome: null })
    if (event.step === 'settings-on') server.jobStarted = true
  }
  const prior: Prior = { outcomes: {}, attempts: {} }
  for (const [name, { outcome, attempt, jobStarted }] of servers) {
    const done = outcome === 'changed' || outcome === 'ok'
    const refused = outcome === 'failed' || outcome === 'blocked' || outcome === 'unreachable'
    const ended = outcome !== null && (done || (refused && !retryFailed))
    if (ended) prior.outcomes[name] = outcome
    const last = { attempt, jobStarted }
    prior.attempts[name] = ended || outcome === null || !installAgain ? last : nextAttempt(last, outcome)
  }
  return prior
}

/** The name a run has on the servers: a second attempt has a snapshot, a guard and a job of its own. */
export function attemptId(run: string, attempt: number): string {
  return attempt === 1 ? run : `${run}.${attempt}`
}

/** The name that the attempt before this one has on the servers. */
export function earlierAttempt(run: string, attempt: number): string {
  return attemptId(baseOf(run), attempt - 1)
}

function baseOf(run: string): string {
  return run.replace(/\.\d+$/, '')
}

/** True when `armed` is this run in whatever attempt. */
export function isOwnAttempt(armed: string, run: string): boolean {
  const base = baseOf(run)
  return armed === base || armed.startsWith(`${base}.`)
}

/** What one more try at a server that ended is: a new attempt only after a failed job, else one more look at the same one. */
export function nextAttempt({ attempt, jobStarted }: Underway, outcome: ServerOutcome): Underway {
  return outcome === 'failed' && jobStarted ? { attempt: attempt + 1, jobStarted: false } : { attempt, jobStarted }
}
