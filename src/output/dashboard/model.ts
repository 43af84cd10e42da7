import type { RunState } from '../../events/state.js'
import type { Tone } from './theme.js'

/** Everything the dashboard knows of a run; what is drawn is a function of this, the view and the size. */
export interface Model {
  readonly run: RunState
  readonly mode: RunMode
  /** What changed lately, the newest last. */
  readonly activity: readonly Activity[]
  /** Lines of the servers' logs as they were followed, the newest last; at most `logLinesKept` a server. */
  readonly logs: ReadonlyMap<string, readonly LogLine[]>
  /** Logs pulled into the run folder: what there is to read when nothing was followed. */
  readonly pulled: ReadonlyMap<string, PulledLog>
}

export type RunMode =
  | { kind: 'starting' | 'running' | 'finished' | 'lost' }
  | { kind: 'paused' | 'stopping' | 'leaving'; by: string }

export interface Activity {
  /** ISO 8601, UTC. */
  at: string
  server: string | null
  text: string
  tone: Tone
  /** Progress: the next one takes its place, so that what has changed is not washed away. */
  passing: boolean
}

export interface LogLine {
  log: string
  line: number
  text: string
}

export interface PulledLog {
  /** On the operator's machine. */
  path: string
  lines: readonly LogLine[]
}

export const logLinesKept = 500
export const activityKept = 50
