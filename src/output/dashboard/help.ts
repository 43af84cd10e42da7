import { bindings, type Context } from './bindings.js'
import { keyLabel } from './keys.js'
import { paragraph } from './paragraph.js'
import type { Scene } from './scene.js'
import { type Line, span } from './span.js'
import { standingGlyph, standingLooks, standingOrder } from './standing.js'

const contexts: readonly { context: Context; title: string }[] = [
  { context: 'list', title: 'IN THE LIST' },
  { context: 'log', title: 'IN A LOG' },
  { context: 'question', title: 'WHEN ASKED' },
]

/** All keys by context, from the key table, and what the signs mean. */
export function helpLines(scene: Scene, width: number): Line[] {
  const told = new Set<(typeof bindings)[number]>()
  const sections = contexts.map(({ context, title }) => {
    const rows = bindings.filter(binding => binding.contexts.includes(context) && !told.has(binding))
    for (const row of rows) told.add(row)
    return [
      [span(title, 'heading')],
      ...rows.flatMap(({ keys, help }) => {
        const [first = [], ...rest] = paragraph(help, { width, first: ' '.repeat(18) })
        return [[span(`  ${keys.map(keyLabel).join(' ')}`.padEnd(18), 'key'), ...first.slice(1)], ...rest]
      }),
    ]
  })
  const signs = [
    [span('SIGNS', 'heading')],
    ...standingOrder.map(standing => {
      const { word, tone } = standingLooks[standing]
      return [span(`  ${standingGlyph(standing, scene)}`.padEnd(18), tone), span(word, tone)]
    }),
  ]
  return [...sections, signs].flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]))
}
