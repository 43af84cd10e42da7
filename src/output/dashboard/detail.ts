import { stepNames } from '../../events/event.js'
import type { BlockState, ServerState, StepState } from '../../events/state.js'
import { fixFor } from '../fix-for.js'
import { settingText } from '../plain.js'
import { standingOf } from './fleet.js'
import { logOf } from './log-lines.js'
import { durationText, elapsedOf } from './pace.js'
import { paragraph } from './paragraph.js'
import type { Scene } from './scene.js'
import { fitLine, type Line, span } from './span.js'
import { standingGlyph, standingLooks } from './standing.js'
import { padCell } from './text-width.js'

/** Everything known of one server, in as many lines of `width` columns as it takes: why it needs somebody comes first. */
export function detailLines(server: ServerState, scene: Scene, width: number): Line[] {
  const sections = [
    headLines(server, scene, width),
    blockLines(
      server.blocks.filter(block => !block.allowed),
      width,
    ),
    diagnosisLines(server, width),
    blockLines(
      server.blocks.filter(block => block.allowed),
      width,
    ),
    stepLines(server, scene, width),
    settingLines(server, scene, width),
    serviceLines(server, width),
  ].filter(lines => lines.length > 0)
  return sections
    .flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]))
    .map(line => fitLine(line, width, scene.glyphs.ellipsis))
}

function headLines(server: ServerState, scene: Scene, width: number): Line[] {
  const standing = standingOf(server)
  const { word, tone } = standingLooks[standing]
  const elapsed = elapsedOf(server, scene.now)
  const facts = server.steps.facts?.note ?? null
  return [
    [span(server.name, 'strong'), span(`  ${server.roles.join(', ')}  batch ${server.batch}`, 'dim')],
    [
      span(`${standingGlyph(standing, scene)} ${word}`, tone),
      span(server.current === null ? '' : `  ${server.current}`),
      span(elapsed === null ? '' : `  ${durationText(elapsed)}`),
      span(server.note === null ? '' : `  ${server.note}`, 'dim'),
    ],
    ...(facts === null ? [] : paragraph(facts, { width, tone: 'dim' })),
  ]
}

function blockLines(blocks: readonly BlockState[], width: number): Line[] {
  return blocks.flatMap(({ block, message, remedy, allowed }) => [
    [span(allowed ? 'LET THROUGH' : 'BLOCKED', 'heading'), span(`  ${block}`, allowed ? 'warning' : 'blocked')],
    ...paragraph(message, { width, first: '  ' }),
    ...(allowed ? [] : paragraph(remedy, { width, first: '  do   ' })),
  ])
}

function diagnosisLines(server: ServerState, width: number): Line[] {
  return server.diagnoses.flatMap((diagnosis, index) => {
    const { id, confidence, title, evidence, remedy } = diagnosis
    const fix = fixFor(server, diagnosis)
    return [
      ...(index === 0 ? [] : [[]]),
      [span(index === 0 ? 'DIAGNOSIS' : 'ALSO', 'heading'), span(`  ${id}`, 'failed'), span(`  ${confidence}`, 'dim')],
      ...paragraph(title, { width, first: '  ' }),
      ...evidence.flatMap(({ log, line, text }) => [
        [span(`  seen ${log}:${line}`, 'dim')],
        ...paragraph(text.trim(), { width, first: '       ' }).slice(0, 3),
      ]),
      ...remedy.flatMap((step, place) => paragraph(step, { width, first: place === 0 ? '  do   ' : '       ' })),
      ...(fix === null ? [] : paragraph(fix, { width, first: '  fix  ', tone: 'strong' })),
    ]
  })
}

function stepLines(server: ServerState, scene: Scene, width: number): Line[] {
  const rows = stepNames.flatMap((name, index) => {
    const step = server.steps[name]
    const number = String(index + 1).padStart(2)
    if (step === undefined) {
      return server.outcome === null ? [[span(`  ${scene.glyphs.waiting} ${number} ${name}`, 'dim')]] : []
    }
    return [stepRow(`${number} ${name}`, step, scene), ...errorLines(step, width)]
  })
  return rows.length === 0 ? [] : [[span('STEPS', 'heading')], ...rows]
}

function stepRow(name: string, { state, startedAt, ms, percent, note, attempt }: StepState, scene: Scene): Line {
  const standing =
    state === 'running' || state === 'failed' || state === 'unknown' || state === 'skipped' ? state : 'changed'
  const { tone } = standingLooks[standing]
  const taken = ms ?? Math.max(0, scene.now - Date.parse(startedAt))
  return [
    span(`  ${standingGlyph(standing, scene)} `, tone),
    span(
      padCell(name, 19, scene.glyphs.ellipsis),
      state === 'running' ? 'strong' : state === 'failed' ? 'failed' : 'plain',
    ),
    span(durationText(taken).padStart(8)),
    span(state === 'running' && percent !== null ? `  ${Math.round(percent)}%` : ''),
    span(attempt > 1 ? `  attempt ${attempt}` : '', 'warning'),
    span(note === null || note === '' ? '' : `  ${note}`, 'dim'),
  ]
}

function errorLines({ error }: StepState, width: number): Line[] {
  if (error === null) return []
  return [
    ...paragraph(`${error.code} ${error.message}`, { width, first: '       ', tone: 'failed' }),
    ...(error.hint === undefined ? [] : paragraph(error.hint, { width, first: '       try: ' })),
  ]
}

/** The ledger: what is changed now and was what before. */
function settingLines(server: ServerState, { glyphs }: Scene, width: number): Line[] {
  const entries = Object.entries({ ...server.outstanding, ...server.stuck })
  if (entries.length === 0) return []
  return [
    [span('SETTINGS OUT', 'heading'), span('  put back by the job, or by the guard on the server', 'dim')],
    ...entries.flatMap(([key, setting]) => {
      const stuck = server.stuck[key] !== undefined
      const lines = paragraph(settingText(setting).replaceAll('->', glyphs.arrow), {
        width,
        first: stuck ? '          ' : '  ',
      })
      const [head = [], ...rest] = lines
      return stuck
        ? [[span('  '), span(' STUCK ', 'stuck'), ...head.slice(1).map(piece => span(` ${piece.text}`))], ...rest]
        : lines
    }),
  ]
}

function serviceLines({ services }: ServerState, width: number): Line[] {
  if (services === null) return []
  const { running, expected, down } = services
  return [
    [
      span('SERVICES', 'heading'),
      span(`  ${running} of ${expected} running`, running < expected ? 'warning' : 'plain'),
    ],
    ...(down.length === 0 ? [] : paragraph(down.join(' '), { width, first: '  down ' })),
  ]
}

/** The last lines of a server's log, under a heading; nothing when there is none or no room. */
export function logTail(
  server: ServerState,
  scene: Scene,
  { width, height }: { width: number; height: number },
): Line[] {
  const lines = logOf(scene.model, server.name)
  const last = lines.at(-1)
  if (last === undefined || height < 3) return []
  return [
    [span('LOG', 'heading'), span(`  ${last.log}`, 'dim')],
    ...lines.slice(-(height - 1)).map(({ line, text }) => [span(`${String(line).padStart(7)} `, 'dim'), span(text)]),
  ].map(line => fitLine(line, width, scene.glyphs.ellipsis))
}
