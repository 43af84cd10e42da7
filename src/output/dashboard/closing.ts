import type { DiagnosisState, RunState, ServerState } from '../../events/state.js'
import { fixFor } from '../fix-for.js'
import { settingText } from '../plain.js'
import { type Cause, causeOf, countFleet, needsAttention, serversOf, standingOf } from './fleet.js'
import { presentStandings } from './groups.js'
import { paragraph } from './paragraph.js'
import { joinLines, type Line, lineWidth, plainLine, span } from './span.js'
import { standingLooks } from './standing.js'

/** How the dashboard was left. */
export type DashboardEnd = 'finished' | 'detached' | 'left' | 'terminated' | 'lost'

/**
 * What stays on the ordinary screen: how it ended, every server that needs somebody with its cause, proof and remedy, settings that are still
 * changed, and where the run folder is. This is what gets pasted into the ticket.
 */
export function closingLines({
  end,
  state,
  folder,
  word = state.run,
  width,
}: {
  end: DashboardEnd
  state: RunState
  folder: string
  /** What is typed to name the run. */
  word?: string | undefined
  width: number
}): Line[] {
  const servers = serversOf(state)
  const { what, next } = endWords(end, state, word)
  // While a run goes on, settings of the servers at work are meant to be out.
  const settled =
    end === 'detached' || end === 'terminated' ? servers.filter(({ outcome }) => outcome !== null) : servers
  return [
    [],
    ...paragraph(what, { width, tone: 'strong' }),
    ...(next === null ? [] : [[span('  ', 'dim'), span(next, 'key')]]),
    ...countLines(servers, width),
    ...servers.filter(needsAttention).flatMap(server => [[], ...serverLines(server, width)]),
    ...changedLines(settled, width),
    [],
    [span('Run folder: ', 'dim'), span(folder)],
  ]
}

function countLines(servers: readonly ServerState[], width: number): Line[] {
  const counts = joinLines(
    presentStandings(countFleet(servers)).map(({ standing, count }) => {
      const { word, tone } = standingLooks[standing]
      return [span(`${count} ${word}`, tone)]
    }),
    '   ',
  )
  return lineWidth(counts) <= width ? [counts] : paragraph(plainLine(counts), { width })
}

/** What happened, and the command that goes on. */
function endWords(end: DashboardEnd, { run, finished }: RunState, word: string): { what: string; next: string | null } {
  switch (end) {
    case 'finished':
      return finishedWords(run, finished, word)
    case 'detached':
    case 'terminated':
      return { what: `Run ${run} goes on without the dashboard.`, next: `exroll watch ${word}` }
    case 'left':
      return {
        what: `Left run ${run} at once: guards on the servers put settings and services back.`,
        next: `exroll resume ${word}`,
      }
    case 'lost':
      return {
        what: `The process that carried run ${run} out is gone: the servers look after themselves.`,
        next: `exroll resume ${word}`,
      }
  }
}

function finishedWords(
  run: string,
  finished: RunState['finished'],
  word: string,
): { what: string; next: string | null } {
  if (finished === null) return { what: `Run ${run}.`, next: null }
  const { outcome, exitCode } = finished
  const resume = `exroll resume ${word}`
  const next = outcome === 'stopped' ? resume : outcome === 'failed' ? `${resume} --retry-failed` : null
  return { what: `Run ${run} ended: ${outcome}, exit code ${exitCode}.`, next }
}

function serverLines(server: ServerState, width: number): Line[] {
  const { word, tone } = standingLooks[standingOf(server)]
  const cause = causeOf(server)
  const diagnosis = server.diagnoses.find(({ id }) => id === cause?.id)
  return [
    [span(server.name, 'strong'), span(`  ${word}`, tone), span(cause === null ? '' : `  ${cause.id}`, tone)],
    ...(cause === null || cause.text === '' ? [] : paragraph(cause.text, { width, first: '  ' })),
    ...(diagnosis === undefined ? remedyLines(cause, width) : curedBy(server, diagnosis, width)),
  ]
}

function remedyLines(cause: Cause | null, width: number): Line[] {
  return cause === null || cause.remedy === '' ? [] : paragraph(cause.remedy, { width, first: '  do: ' })
}

function curedBy(server: ServerState, diagnosis: DiagnosisState, width: number): Line[] {
  const fix = fixFor(server, diagnosis)
  return [
    ...diagnosis.evidence
      .slice(0, 2)
      .flatMap(({ log, line, text }) =>
        paragraph(`${log}:${line}: ${text.trim()}`, { width, first: '    ', tone: 'dim' }),
      ),
    ...diagnosis.remedy.flatMap((step, index) => paragraph(step, { width, first: `  ${index + 1}. ` })),
    ...(fix === null ? [] : paragraph(fix, { width, first: '  fix: ' })),
  ]
}

function changedLines(servers: readonly ServerState[], width: number): Line[] {
  const lines = servers.flatMap(server =>
    Object.entries({ ...server.outstanding, ...server.stuck }).flatMap(([key, setting]) =>
      server.stuck[key] === undefined
        ? paragraph(`${server.name}  still changed: ${settingText(setting)}`, { width, first: '  ', tone: 'warning' })
        : paragraph(`${server.name}  STUCK: ${settingText(setting)}`, { width, first: '  ', tone: 'failed' }),
    ),
  )
  return lines.length === 0 ? [] : [[], [span('SETTINGS STILL OUT', 'heading')], ...lines]
}
