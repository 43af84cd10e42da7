import type { ListFrame } from './list.js'
import type { Scene } from './scene.js'
import { type Line, span, spreadLine } from './span.js'

/** Under the table: how the list was narrowed down, and where in it the cursor is. */
export function statusLine(
  { above, below, attentionBelow, keys, cursor }: ListFrame,
  { view, glyphs }: Scene,
  width: number,
): Line {
  const words = [
    view.filter === '' ? '' : `filter: ${view.filter}`,
    view.failedOnly ? 'only what needs attention' : '',
    view.group === 'batch' ? '' : `by ${view.group}`,
    view.sort === 'plan' ? '' : `sorted by ${view.sort}`,
    view.marked.length === 0 ? '' : `${view.marked.length} marked`,
  ].filter(word => word !== '')
  const place = cursor === null ? 'nothing to show' : `${keys.indexOf(cursor) + 1}/${keys.length}`
  const more = attentionBelow > 0 ? `${below} below, ${attentionBelow} need attention` : `${below} below`
  const beyond = [above > 0 ? `${above} above` : '', below > 0 ? more : ''].filter(word => word !== '')
  return spreadLine(
    [span(` ${words.join('   ')}`, 'warning')],
    [span(`${[...beyond, place].join('   ')} `, 'dim')],
    width,
    glyphs.ellipsis,
  )
}
