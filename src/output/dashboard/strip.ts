import { bar } from './bar.js'
import { countFleet, type FleetCounts, serversOf } from './fleet.js'
import { presentStandings } from './groups.js'
import type { RunMode } from './model.js'
import { durationText, fleetProgress, remainingOf, runElapsed } from './pace.js'
import type { Scene } from './scene.js'
import { settingName } from './setting-names.js'
import { fitLine, joinLines, type Line, lineWidth, span, spreadLine } from './span.js'
import { standingGlyph, standingLooks } from './standing.js'
import type { Tone } from './theme.js'

/** The three lines on top that never scroll: what runs and its state; how far it is; what the servers came to. */
export function drawStrip(scene: Scene, width: number): Line[] {
  const { model, now, glyphs } = scene
  const servers = serversOf(model.run)
  const counts = countFleet(servers)
  return [
    titleLine(counts, scene, width),
    progressLine(
      { part: fleetProgress(servers, now), remaining: remainingOf(model.run, servers, now), counts },
      scene,
      width,
    ),
    countsLine(counts, scene, width),
  ].map(line => fitLine(line, width, glyphs.ellipsis))
}

function titleLine({ standing }: FleetCounts, { model, now, glyphs }: Scene, width: number): Line {
  const { run, mode } = model
  const elapsed = runElapsed(run, now)
  const left = [
    span(' exroll', 'strong'),
    ...(run.dryRun ? [span('  DRY RUN', 'warning')] : []),
    span(`  ${run.title}`),
  ]
  const right = [
    ...modeWords(mode, {
      exitCode: run.finished?.exitCode ?? null,
      idle: standing.running === 0 && standing.waiting > 0,
    }),
    span(elapsed === null ? ' ' : `  ${durationText(elapsed)} `),
  ]
  const id = span(run.run === '' ? '' : `  ${run.run}`, 'dim')
  const fits = lineWidth([...left, id, ...right]) + 2 <= width
  return spreadLine(fits ? [...left, id] : left, [span('  '), ...right], width, glyphs.ellipsis)
}

function modeWords(mode: RunMode, { exitCode, idle }: { exitCode: number | null; idle: boolean }): Line {
  switch (mode.kind) {
    case 'starting':
      return [span('waiting for the run', 'dim')]
    case 'running':
      // Soaking, health checks, a window: what it is waiting for, no event says.
      return [span(idle ? 'BETWEEN BATCHES' : 'RUNNING', 'done')]
    case 'paused':
      // What a playbook holds, `rollout.between.confirm`, waits for a person.
      return [span(mode.by.startsWith('playbook') ? 'WAITING FOR APPROVAL' : `PAUSED by ${mode.by}`, 'warning')]
    case 'stopping':
      return [span(`STOPPING for ${mode.by}`, 'warning')]
    case 'leaving':
      return [span(`LEFT by ${mode.by}`, 'failed')]
    case 'lost':
      return [span('THE RUNNER IS GONE', 'stuck')]
    case 'finished': {
      const tone: Tone = exitCode === 0 ? 'done' : 'failed'
      return [span(exitCode === 0 ? 'DONE' : `ENDED, exit code ${exitCode ?? '?'}`, tone)]
    }
  }
}

function progressLine(
  { part, remaining, counts }: { part: number; remaining: number | null; counts: FleetCounts },
  { glyphs, model }: Scene,
  width: number,
): Line {
  const percent = `${Math.floor(part * 100)}%`.padStart(5)
  const right = [
    span(`${percent}  ${counts.ended}/${counts.total} servers`),
    span(
      model.run.finished === null ? `  ${remaining === null ? 'ETA -' : `ETA ${durationText(remaining)}`}` : '',
      'dim',
    ),
    span(' '),
  ]
  const room = width - lineWidth(right) - 1
  return [span(' '), ...(room >= 8 ? bar(part, { width: room, glyphs }) : []), ...right]
}

/** Zeros are left out; what does not fit is shortened before it is cut: words become signs. */
function countsLine(counts: FleetCounts, scene: Scene, width: number): Line {
  const settings = outstandingLine(counts)
  const full = standingsLine(counts, scene, true)
  const left = lineWidth(full) + lineWidth(settings) + 3 <= width ? full : standingsLine(counts, scene, false)
  return spreadLine([span(' '), ...left], [...settings, span(' ')], width, scene.glyphs.ellipsis)
}

function standingsLine(counts: FleetCounts, scene: Scene, words: boolean): Line {
  return joinLines(
    presentStandings(counts).map(({ standing, count }) => {
      const { word, tone } = standingLooks[standing]
      return [span(`${standingGlyph(standing, scene)} ${count}${words ? ` ${word}` : ''}`, tone)]
    }),
    words ? '   ' : '  ',
  )
}

function outstandingLine({ outstanding, stuck }: FleetCounts): Line {
  const out = Object.entries(outstanding).map(([setting, count]) => `${settingName(setting)} ${count}`)
  return [
    ...(out.length === 0 ? [] : [span('settings out ', 'dim'), span(out.join('  '), 'warning')]),
    ...(stuck === 0 ? [] : [span('  '), span(` ${stuck} STUCK `, 'stuck')]),
  ]
}
