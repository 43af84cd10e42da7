import { type ExitCode, exitCodes } from '../errors.js'
import type { ServerOutcome } from '../events/event.js'

export interface Verdict {
  outcome: 'ok' | 'failed' | 'stopped' | 'stuck'
  exitCode: ExitCode
}

export interface VerdictInput {
  outcomes: Record<string, ServerOutcome>
  /** Servers that have a setting or start type which could not be put back. */
  stuck: number
  /** The operator ended the run before its end. */
  stopped: boolean
}

/**
 * What a run came to (product.md, "Steps, outcomes, exit codes"). A stuck setting wins over everything; a run in which nobody
 * was reached says so rather than "failed".
 */
export function verdict({ outcomes, stuck, stopped }: VerdictInput): Verdict {
  if (stuck > 0) return { outcome: 'stuck', exitCode: exitCodes.stuck }
  if (stopped) return { outcome: 'stopped', exitCode: exitCodes.stopped }
  const all = Object.values(outcomes)
  const tried = all.filter(outcome => outcome !== 'skipped')
  if (tried.length > 0 && tried.every(outcome => outcome === 'unreachable')) {
    return { outcome: 'failed', exitCode: exitCodes.unreachable }
  }
  if (all.every(outcome => outcome === 'changed' || outcome === 'ok')) return { outcome: 'ok', exitCode: exitCodes.ok }
  return { outcome: 'failed', exitCode: exitCodes.failed }
}
