import type { RunState } from '../../events/state.js'
import { closingLines, type DashboardEnd } from './closing.js'
import type { DashboardInput } from './dashboard-input.js'
import { paintLine } from './paint.js'
import { plainLine } from './span.js'
import { isTerminal } from './terminal.js'
import { colorTheme, plainTheme } from './theme.js'

/** Longer lines are hard to read, however wide the terminal. */
const widest = 100

/** To standard output; where that is no terminal, the one who looked at the dashboard reads it as well. */
export function writeClosing(
  end: DashboardEnd,
  state: RunState,
  { stdout, stderr, folder, word, options }: DashboardInput,
): void {
  const width = Math.min(widest, isTerminal(stderr) ? stderr.columns || 80 : widest)
  const lines = closingLines({ end, state, folder, word, width })
  const theme = options.color ? colorTheme : plainTheme
  const painted = `${lines.map(line => paintLine(line, theme)).join('\n')}\n`
  if (isTerminal(stdout)) stdout.write(painted)
  else {
    stdout.write(`${lines.map(plainLine).join('\n')}\n`)
    if (isTerminal(stderr)) stderr.write(painted)
  }
}
