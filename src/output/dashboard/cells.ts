import type { ServerState, StepState } from '../../events/state.js'
import { bar } from './bar.js'
import { causeOf, failedStep, type Standing, standingOf } from './fleet.js'
import { durationText, elapsedOf, type StepProgress, stepProgress } from './pace.js'
import type { Scene } from './scene.js'
import { settingsCell } from './setting-names.js'
import { type Line, span } from './span.js'
import { standingLooks } from './standing.js'

/** What the cells of a row share. */
export interface RowContext {
  scene: Scene
  standing: Standing
  typicalMs: number | null
  /** The cause stands in the row itself: there is no room for a line of its own. */
  causeInRow: boolean
}

/** What one column says of a server. */
export type Cell = (server: ServerState, context: RowContext) => Line

export const nameCell: Cell = ({ name }, { standing }) => [span(name, nameTone(standing))]

/** `MBX`, `CAS`; of several roles the first two. */
export const roleCell: Cell = ({ roles }) => {
  const short = roles.map(role => (role === 'mailbox' ? 'MBX' : role.toUpperCase()))
  return [span(short.slice(0, 2).join('+'), 'dim')]
}

function nameTone(standing: Standing): Line[number]['tone'] {
  return standing === 'running' || standing === 'changed' || standing === 'ok' ? 'plain' : standingLooks[standing].tone
}

export function stepCell(server: ServerState, { standing }: RowContext): Line {
  const { word, tone } = standingLooks[standing]
  if (server.current !== null) return [span(server.current, standing === 'failed' ? 'failed' : 'plain')]
  if (standing === 'running') return [span('between steps', tone)]
  const failed = standing === 'changed' || standing === 'ok' ? null : failedStep(server)
  return [span(failed ?? word, tone)]
}

/** The step that runs, or the one that failed. */
function shownStep(server: ServerState): StepState | null {
  const step = server.current ?? (server.outcome === 'changed' || server.outcome === 'ok' ? null : failedStep(server))
  return step === null ? null : (server.steps[step] ?? null)
}

function progressOf(server: ServerState, { scene: { now }, typicalMs }: RowContext): StepProgress | null {
  const step = shownStep(server)
  return step === null ? null : stepProgress(step, { now, typicalMs: server.current === 'install' ? typicalMs : null })
}

function percentText({ percent, estimated }: StepProgress): string {
  return `${estimated ? '~' : ''}${Math.round(percent)}%`
}

export function percentCell(server: ServerState, context: RowContext): Line {
  const progress = progressOf(server, context)
  return [progress === null ? span('-', 'dim') : span(percentText(progress))]
}

export function barCell(server: ServerState, context: RowContext): Line {
  const { scene, standing } = context
  const progress = progressOf(server, context)
  if (progress === null) return [span((server.current === null ? null : shownStep(server)?.note) ?? '-', 'dim')]
  const tone = standing === 'running' ? 'done' : standingLooks[standing].tone
  return [
    ...bar(progress.percent / 100, { width: 10, glyphs: scene.glyphs, tone }),
    span(percentText(progress).padStart(5)),
  ]
}

export function timeCell(server: ServerState, { scene }: RowContext): Line {
  const ms = elapsedOf(server, scene.now)
  return [ms === null ? span('-', 'dim') : span(durationText(ms))]
}

export function serviceCell({ services }: ServerState): Line {
  if (services === null) return [span('-', 'dim')]
  const text = `${services.running}/${services.expected}`
  return [span(text, services.running < services.expected ? 'warning' : 'plain')]
}

export function lastCell(server: ServerState, { causeInRow }: RowContext): Line {
  const cause = causeInRow ? causeOf(server) : null
  if (cause === null) return settingsCell(server)
  const stuck = Object.keys(server.stuck).length > 0
  return [...(stuck ? [span('STUCK', 'stuck'), span(' ')] : []), span(cause.id, standingLooks[standingOf(server)].tone)]
}
