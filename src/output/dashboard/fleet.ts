import { type ServerOutcome, type StepName, stepNames } from '../../events/event.js'
import type { RunState, ServerState } from '../../events/state.js'
import { fixFor } from '../fix-for.js'

/** Where a server stands, in the words of the product. */
export type Standing = 'waiting' | 'running' | ServerOutcome

/** A server with a failed step is failed from that moment on, while its logs are still being collected, until it is taken up again. */
export function standingOf(server: ServerState): Standing {
  if (server.outcome !== null) return server.outcome
  if (failedStep(server) !== null && !isTakenUpAgain(server)) return 'failed'
  if (server.blocks.some(block => !block.allowed)) return 'blocked'
  return Object.keys(server.steps).length === 0 ? 'waiting' : 'running'
}

/** After a failure only later steps follow: an earlier one, or a higher attempt, is a new try. */
function isTakenUpAgain(server: ServerState): boolean {
  const failed = failedStep(server)
  if (failed === null) return false
  const { current, steps } = server
  if (current !== null && stepNames.indexOf(current) < stepNames.indexOf(failed)) return true
  const attempt = steps[failed]?.attempt ?? 1
  return Object.values(steps).some(step => step.attempt > attempt)
}

/** Whether somebody has to look at this server. */
export function needsAttention(server: ServerState): boolean {
  const standing = standingOf(server)
  if (standing === 'failed' || standing === 'blocked' || standing === 'unreachable' || standing === 'unknown')
    return true
  return Object.keys(server.stuck).length > 0
}

/** The step that failed or whose outcome is not known; null if there is none. */
export function failedStep(server: ServerState): StepName | null {
  return (
    stepNames.find(name => server.steps[name]?.state === 'failed') ??
    stepNames.find(name => server.steps[name]?.state === 'unknown') ??
    null
  )
}

/** Why a server needs attention: one line of cause, one of what to do, and the short name of the cause. */
export interface Cause {
  id: string
  text: string
  /** '' where nobody said. */
  remedy: string
}

export function causeOf(server: ServerState): Cause | null {
  const [diagnosis] = server.diagnoses
  if (diagnosis !== undefined && server.outcome !== 'changed' && server.outcome !== 'ok')
    return { id: diagnosis.id, text: diagnosis.title, remedy: fixFor(server, diagnosis) ?? diagnosis.remedy[0] ?? '' }
  const block = server.blocks.find(({ allowed }) => !allowed)
  if (block !== undefined) return { id: block.block, text: block.message, remedy: block.remedy }
  const [stuck] = Object.values(server.stuck)
  if (stuck !== undefined)
    return {
      id: 'setting-stuck',
      text: `${stuck.setting} ${stuck.scope} could not be put back`,
      remedy: 'exroll restore',
    }
  const step = failedStep(server)
  const error = step === null ? null : (server.steps[step]?.error ?? null)
  if (error !== null) return { id: server.cause ?? error.code, text: error.message, remedy: error.hint ?? '' }
  if (server.cause !== null) return { id: server.cause, text: server.note ?? '', remedy: '' }
  return null
}

export interface FleetCounts {
  standing: Record<Standing, number>
  /** Servers with a setting changed and not put back, by setting. */
  outstanding: Record<string, number>
  stuck: number
  ended: number
  total: number
}

/** One pass over the fleet: what the strip and the batch headings count. */
export function countFleet(servers: readonly ServerState[]): FleetCounts {
  const standing: Record<Standing, number> = {
    waiting: 0,
    running: 0,
    changed: 0,
    ok: 0,
    skipped: 0,
    blocked: 0,
    failed: 0,
    unreachable: 0,
    unknown: 0,
  }
  const outstanding: Record<string, number> = {}
  let stuck = 0
  let ended = 0
  for (const server of servers) {
    standing[standingOf(server)]++
    if (server.outcome !== null) ended++
    stuck += Object.keys(server.stuck).length
    for (const setting of new Set(Object.values(server.outstanding).map(({ setting }) => setting)))
      outstanding[setting] = (outstanding[setting] ?? 0) + 1
  }
  return { standing, outstanding, stuck, ended, total: servers.length }
}

export function serversOf(run: RunState): ServerState[] {
  return run.order.flatMap(name => run.servers[name] ?? [])
}
