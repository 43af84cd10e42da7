import type { ServerState } from '../../events/state.js'
import { bar } from './bar.js'
import { countFleet, serversOf } from './fleet.js'
import { presentStandings } from './groups.js'
import { fleetProgress } from './pace.js'
import type { Scene } from './scene.js'
import { joinLines, type Line, padLine, span } from './span.js'
import { standingGlyph, standingLooks } from './standing.js'

const mostCards = 6

/** The batches side by side, three lines each; none when there is one batch only, or more than can be told apart. */
export function drawBatchCards(scene: Scene, width: number): Line[] {
  const { run } = scene.model
  const batches = Object.entries(run.batches)
  if (batches.length < 2 || batches.length > mostCards) return []
  const byBatch = new Map<string, ServerState[]>()
  for (const server of serversOf(run)) {
    const members = byBatch.get(String(server.batch))
    if (members === undefined) byBatch.set(String(server.batch), [server])
    else members.push(server)
  }
  const card = Math.floor((width - 1) / batches.length) - 2
  const cards = batches.map(([batch, { state }]) =>
    cardLines({ batch, state, servers: byBatch.get(batch) ?? [] }, scene, card),
  )
  return [0, 1, 2].map(row => [
    span(' '),
    ...joinLines(
      cards.map(lines => lines[row] ?? []),
      '  ',
    ),
  ])
}

function cardLines(
  { batch, state, servers }: { batch: string; state: 'waiting' | 'running' | 'done'; servers: ServerState[] },
  scene: Scene,
  width: number,
): Line[] {
  const { glyphs } = scene
  const counts = countFleet(servers)
  const standings = presentStandings(counts).map(({ standing, count }) => [
    span(`${standingGlyph(standing, scene)} ${count}`, standingLooks[standing].tone),
  ])
  const ended = ` ${counts.ended}/${counts.total}`
  return [
    [
      span(`BATCH ${batch}`, state === 'running' ? 'strong' : 'plain'),
      span(`  ${state}`, state === 'running' ? 'strong' : 'dim'),
    ],
    [...bar(fleetProgress(servers, scene.now), { width: Math.max(0, width - ended.length), glyphs }), span(ended)],
    joinLines(standings, '  '),
  ].map(line => padLine(line, width, glyphs.ellipsis))
}
