import type { Key } from 'ink'

/** Ink's idea of a key press as names of the key table: one name, or one for each sign of a text that came at once. */
export function keyNames(input: string, key: Key): string[] {
  if (key.upArrow) return ['up']
  if (key.downArrow) return ['down']
  if (key.leftArrow) return ['left']
  if (key.rightArrow) return ['right']
  if (key.pageUp) return ['pageup']
  if (key.pageDown) return ['pagedown']
  if (key.home) return ['home']
  if (key.end) return ['end']
  if (key.return) return ['enter']
  if (key.escape) return ['escape']
  if (key.tab) return ['tab']
  // Terminals send DEL for the backspace key.
  if (key.backspace || key.delete) return ['backspace']
  if (key.ctrl) return [`ctrl+${input}`]
  if (key.meta) return []
  return [...input].map(sign => (sign === ' ' ? 'space' : sign === '\r' || sign === '\n' ? 'enter' : sign))
}
