import { bindings, type KeyFacts } from './bindings.js'
import { contextOf, keyLabel } from './keys.js'
import type { Scene } from './scene.js'
import { fitLine, type Line, lineWidth, span } from './span.js'

/** The last line: what is asked or typed, else a notice, else the keys that mean something now, as many as fit. */
export function drawFooter(scene: Scene, facts: KeyFacts, width: number): Line {
  const { view, glyphs } = scene
  if (view.typing !== null) {
    return fitLine(
      [
        span(` ${view.typing.what}: `, 'key'),
        span(view.typing.text),
        span('_', 'cursor'),
        span('   enter takes it, esc forgets it', 'dim'),
      ],
      width,
      glyphs.ellipsis,
    )
  }
  if (view.question !== null) {
    const keys = [span('  y', 'key'), span(' yes  '), span('n', 'key'), span(' no')]
    return [
      ...fitLine([span(` ${view.question.text}`, 'warning')], Math.max(0, width - lineWidth(keys)), glyphs.ellipsis),
      ...keys,
    ]
  }
  if (view.notice !== null) return fitLine([span(` ${view.notice}`, 'warning')], width, glyphs.ellipsis)
  return fitLine(keyHints(scene, facts, width), width, glyphs.ellipsis)
}

/** Help and leave are always there; the others in the order of the table. */
function keyHints({ view }: Scene, facts: KeyFacts, width: number): Line {
  const context = contextOf(view)
  const here = bindings.filter(
    ({ label, contexts, enabled, offered }) =>
      label !== '' && contexts.includes(context) && enabled?.(facts) !== false && offered?.(facts) !== false,
  )
  const hint = ({ command, keys, label }: (typeof here)[number]): Line => [
    span(` ${keyLabel(keys[0] ?? '')}`, 'key'),
    span(` ${command === 'pause' && facts.paused ? 'resume' : label} `),
  ]
  const always = here.filter(({ command }) => command === 'help' || command === 'detach').map(hint)
  let room = width - always.reduce((sum, line) => sum + lineWidth(line), 0)
  const shown: Line[] = []
  for (const line of here.filter(({ command }) => command !== 'help' && command !== 'detach').map(hint)) {
    room -= lineWidth(line)
    if (room < 0) break
    shown.push(line)
  }
  return [...shown, ...always].flat()
}
