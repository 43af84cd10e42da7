import type { Line } from './span.js'
import type { Theme } from './theme.js'

/** A line as the terminal takes it. The only escape sequences in it are the theme's. */
export function paintLine(line: Line, theme: Theme): string {
  let painted = ''
  for (const { text, tone } of line) {
    const code = theme.codes[tone]
    painted += code === '' || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`
  }
  return painted
}
