import type { Readable } from 'node:stream'
import type { WriteStream } from 'node:tty'

/** DEC private modes 1049 (alternate screen) and 25 (cursor), as xterm has them. */
const enter = '\u001b[?1049h\u001b[2J\u001b[H\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'

/**
 * Takes the alternate screen and gives back what leaves it: the cursor shown, the keyboard as it was. Called at the latest when the process
 * ends, and before Node prints an error that nobody caught, so that it is seen.
 */
export function enterAlternateScreen(stream: WriteStream, stdin: Readable): () => void {
  let left = false
  const giveBack = () => {
    if (left) return
    left = true
    process.off('exit', giveBack)
    process.off('uncaughtExceptionMonitor', giveBack)
    if (isRaw(stdin)) stdin.setRawMode(false)
    stream.write(leave)
  }
  process.on('exit', giveBack)
  process.on('uncaughtExceptionMonitor', giveBack)
  stream.write(enter)
  return giveBack
}

function isRaw(stdin: Readable): stdin is Readable & { setRawMode(mode: boolean): void } {
  return 'isRaw' in stdin && stdin.isRaw === true && 'setRawMode' in stdin
}
