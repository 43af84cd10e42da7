import { type Group, presentStandings } from './groups.js'
import { durationText, elapsedOf } from './pace.js'
import type { Scene } from './scene.js'
import { fitLine, type Line, lineWidth, span } from './span.js'
import { standingLooks } from './standing.js'

/** `BATCH 3/5  3 changed  4 running  2 FAILED`, with a rule to the edge. */
export function headingLine(
  group: Group,
  { open, selected, scene, width }: { open: boolean; selected: boolean; scene: Scene; width: number },
): Line {
  const { glyphs, now } = scene
  const attention = group.kind === 'attention'
  const sign = attention ? glyphs.warning : open ? glyphs.open : glyphs.folded
  const head = [
    span(selected ? glyphs.cursor : ' ', 'cursor'),
    span(`${sign} `, attention ? 'failed' : 'dim'),
    span(group.title, attention ? 'failed' : selected || group.kind === 'active' ? 'strong' : 'plain'),
    span(attention ? ` ${group.counts.total} ` : '  ', 'failed'),
    ...(attention ? [] : [...countsLine(group), ...slowest(group, now), span(' ')]),
  ]
  const rule = width - lineWidth(head)
  return fitLine([...head, span(glyphs.rule.repeat(Math.max(0, rule)), 'dim')], width, glyphs.ellipsis)
}

/** Folded groups of one kind on a line: `BATCH 4/7 to BATCH 7/7  60 waiting`. */
export function joinedLine(
  run: readonly Group[],
  { selected, scene: { glyphs }, width }: { selected: boolean; scene: Scene; width: number },
): Line {
  const head = [
    span(selected ? glyphs.cursor : ' ', 'cursor'),
    span(`${glyphs.folded} `, 'dim'),
    span(`${run[0]?.title ?? ''} to ${run.at(-1)?.title ?? ''}`, selected ? 'strong' : 'plain'),
    span('  '),
    ...joinedCounts(run),
    span(' '),
  ]
  const rule = Math.max(0, width - lineWidth(head))
  return fitLine([...head, span(glyphs.rule.repeat(rule), 'dim')], width, glyphs.ellipsis)
}

function countsLine({ counts }: Pick<Group, 'counts'>): Line {
  return presentStandings(counts).flatMap(({ standing, count }, index) => [
    span(`${index === 0 ? '' : '  '}${count} ${standingLooks[standing].word}`, standingLooks[standing].tone),
  ])
}

function slowest({ kind, servers }: Group, now: number): Line {
  if (kind !== 'done' || servers.length < 2) return []
  const [slow] = servers.toSorted((one, other) => (elapsedOf(other, now) ?? 0) - (elapsedOf(one, now) ?? 0))
  const ms = slow === undefined ? null : elapsedOf(slow, now)
  return ms === null || slow === undefined ? [] : [span(`  slowest ${slow.name} ${durationText(ms)}`, 'dim')]
}

function joinedCounts(run: readonly Group[]): Line {
  const sums = new Map<string, { tone: Line[number]['tone']; word: string; count: number }>()
  for (const { counts } of run)
    for (const { standing, count } of presentStandings(counts)) {
      const { word, tone } = standingLooks[standing]
      sums.set(word, { word, tone, count: (sums.get(word)?.count ?? 0) + count })
    }
  return [...sums.values()].map(({ word, tone, count }, index) =>
    span(`${index === 0 ? '' : '  '}${count} ${word}`, tone),
  )
}
