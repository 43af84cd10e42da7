import { type StepName, stepNames } from '../../events/event.js'
import type { RunState, ServerState, StepState } from '../../events/state.js'

/** Shares of a server's time that the steps take, roughly: an install is most of it. */
const weights: Partial<Record<StepName, number>> = { install: 40, reboot: 6, services: 6, stage: 4, verify: 2 }
const weightOf = (step: StepName): number => weights[step] ?? 1
const wholeWeight = stepNames.reduce((sum, step) => sum + weightOf(step), 0)

/** How much of a step is done: as its server told, or by the clock and what the same step took elsewhere in this run. */
export interface StepProgress {
  percent: number
  estimated: boolean
}

/** Milliseconds an install takes in this run, the median of those that went well; null before the first has. */
export function typicalInstallMs(servers: readonly ServerState[]): number | null {
  const taken = servers.flatMap(({ steps: { install } }) => (install?.state === 'changed' ? (install.ms ?? []) : []))
  return taken.toSorted((one, other) => one - other)[Math.floor(taken.length / 2)] ?? null
}

/** Null where nothing can be said. An estimate stops short of the end: only the server knows when it is there. */
export function stepProgress(
  { state, percent, startedAt }: StepState,
  { now, typicalMs }: { now: number; typicalMs: number | null },
): StepProgress | null {
  if (percent !== null) return { percent, estimated: false }
  if (state !== 'running' || typicalMs === null || typicalMs === 0) return null
  const estimate = Math.round(((now - Date.parse(startedAt)) / typicalMs) * 100)
  return { percent: Math.min(Math.max(estimate, 0), 95), estimated: true }
}

/** 0 to 1: how far a server has come. Ended is 1, however it ended. */
function progressOf(server: ServerState, now: number, typicalMs: number | null): number {
  if (server.outcome !== null) return 1
  let done = 0
  for (const step of stepNames) {
    const state = server.steps[step]
    if (state === undefined) continue
    const pace = { now, typicalMs: step === 'install' ? typicalMs : null }
    done += weightOf(step) * (state.state === 'running' ? (stepProgress(state, pace)?.percent ?? 0) / 100 : 1)
  }
  return Math.min(done / wholeWeight, 0.99)
}

/** 0 to 1 over the fleet. */
export function fleetProgress(servers: readonly ServerState[], now: number): number {
  if (servers.length === 0) return 0
  const typicalMs = typicalInstallMs(servers)
  return servers.reduce((sum, server) => sum + progressOf(server, now, typicalMs), 0) / servers.length
}

/** Milliseconds a server has taken so far; it ticks with the clock while a step runs. Null before its first step. */
export function elapsedOf(server: ServerState, now: number): number | null {
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const state of Object.values(server.steps)) {
    const at = Date.parse(state.startedAt)
    first = Math.min(first, at)
    last = Math.max(last, at + (state.ms ?? 0))
  }
  if (first === Number.POSITIVE_INFINITY) return null
  return Math.max(0, (server.outcome === null ? Math.max(now, last) : last) - first)
}

export function runElapsed(run: RunState, now: number): number | null {
  if (run.startedAt === null) return null
  const end = run.finished === null || run.lastAt === null ? now : Date.parse(run.lastAt)
  return Math.max(0, end - Date.parse(run.startedAt))
}

/**
 * Milliseconds the run will still take at the pace it had so far; null while there is too little to tell from: no server has ended,
 * or less than a twentieth is done.
 */
export function remainingOf(run: RunState, servers: readonly ServerState[], now: number): number | null {
  const elapsed = runElapsed(run, now)
  if (elapsed === null || run.finished !== null) return null
  const done = fleetProgress(servers, now)
  if (done < 0.05 || !servers.some(server => server.outcome !== null)) return null
  return (elapsed * (1 - done)) / done
}

/** `0:41`, `12:40`, `1:12:40`. */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}
