import type { RunEvent } from '../../events/event.js'
import { emptyState, reduceAll } from '../../events/reduce.js'
import { activityOf } from './activity.js'
import {
  type Activity,
  activityKept,
  type LogLine,
  logLinesKept,
  type Model,
  type PulledLog,
  type RunMode,
} from './model.js'

/** Holds the model of a run and takes events into it as they come. Nothing is drawn from here. */
export interface Observer {
  take(events: readonly RunEvent[]): void
  takePulledLog(server: string, log: PulledLog): void
  /** The events ended without `run.finished`. */
  markLost(): void
  model(): Model
}

export function createObserver(): Observer {
  let run = emptyState()
  let mode: RunMode = { kind: 'starting' }
  const activity: Activity[] = []
  const logs = new Map<string, LogLine[]>()
  const pulled = new Map<string, PulledLog>()

  function takeLogLine({ server, log, line, text }: Extract<RunEvent, { type: 'log.line' }>): void {
    const lines = logs.get(server) ?? []
    if (!logs.has(server)) logs.set(server, lines)
    lines.push({ log, line, text })
    // Cut seldom and much, not one line for each that comes.
    if (lines.length >= 2 * logLinesKept) lines.splice(0, lines.length - logLinesKept)
  }

  function note(line: Activity): void {
    const passed = line.passing ? activity.findLastIndex(({ passing }) => passing) : -1
    if (passed !== -1) activity.splice(passed, 1)
    activity.push(line)
    if (activity.length >= 2 * activityKept) activity.splice(0, activity.length - activityKept)
  }

  return {
    take(events) {
      const told: RunEvent[] = []
      for (const event of withoutOvertaken(events)) {
        if (event.type === 'log.line') {
          takeLogLine(event)
          continue
        }
        told.push(event)
        mode = nextMode(mode, event)
        const line = activityOf(event)
        if (line === null) continue
        note(line)
      }
      if (told.length > 0) run = reduceAll(run, told)
    },
    takePulledLog(server, log) {
      pulled.set(server, log)
    },
    markLost() {
      if (mode.kind !== 'finished') mode = { kind: 'lost' }
    },
    model: () => ({ run, mode, activity, logs, pulled }),
  }
}

/** Header words: what the run does, and who asked for it. */
function nextMode(mode: RunMode, event: RunEvent): RunMode {
  switch (event.type) {
    case 'run.started':
      return { kind: 'running' }
    case 'run.finished':
      return { kind: 'finished' }
    case 'control.taken':
      switch (event.action) {
        case 'pause':
          return { kind: 'paused', by: event.by }
        case 'resume':
        case 'approve':
          return { kind: 'running' }
        case 'abort':
          return { kind: 'stopping', by: event.by }
        case 'leave':
          return { kind: 'leaving', by: event.by }
        default:
          return mode
      }
    default:
      // A run that is resumed goes on after its first end.
      return mode.kind === 'finished' && event.type === 'step.started' ? { kind: 'running' } : mode
  }
}

type Progress = Extract<RunEvent, { type: 'step.progress' }>

/**
 * A group without the progress that a later progress of the same server and step in the same group overtakes: a burst costs what
 * its last word costs. The highest percentage is kept, as `reduce` would have kept it.
 */
export function withoutOvertaken(events: readonly RunEvent[]): readonly RunEvent[] {
  if (events.length < 2) return events
  const kept: (RunEvent | null)[] = []
  const latest = new Map<string, { event: Progress; index: number }>()
  for (const event of events) {
    if (event.type === 'step.progress') {
      const before = latest.get(event.server)
      const merged = before?.event.step === event.step ? overtaking(before.event, event) : event
      if (merged !== event && before !== undefined) kept[before.index] = null
      latest.set(event.server, { event: merged, index: kept.length })
      kept.push(merged)
      continue
    }
    if (event.type === 'run.started') latest.clear()
    else if ('server' in event && event.server !== undefined && event.type !== 'log.line') latest.delete(event.server)
    kept.push(event)
  }
  return kept.filter(event => event !== null)
}

function overtaking(before: Progress, event: Progress): Progress {
  if (before.percent === undefined) return { ...event }
  return { ...event, percent: Math.max(before.percent, event.percent ?? 0) }
}
