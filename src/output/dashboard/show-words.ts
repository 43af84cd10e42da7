import { createInterface } from 'node:readline'
import { emptyState, reduce } from '../../events/reduce.js'
import { plainOutput } from '../plain.js'
import { terminalText } from '../terminal-text.js'
import type { DashboardEnd } from './closing.js'
import type { DashboardInput, DashboardResult } from './dashboard-input.js'
import { listenForViewerSignals } from './viewer-signals.js'
import { readWords } from './words.js'
import { writeClosing } from './write-closing.js'

/** The dashboard without a picture: a line for each change, nothing drawn over, typed words and Enter to act. */
export async function showWords(input: DashboardInput): Promise<DashboardResult> {
  const { stdin, stderr, control, events } = input
  let run = emptyState()
  const plain = plainOutput(stderr)
  const say = (lines: readonly string[]) => {
    for (const line of lines) stderr.write(`${terminalText(line)}\n`)
  }
  const keyboard = createInterface({ input: stdin })
  let interrupts = 0
  let silence = () => {}

  const left = new Promise<DashboardEnd>(resolve => {
    const ask = async (line: string) => {
      const typed = readWords(line, { run, now: (input.now ?? Date.now)(), control: control !== null })
      if (typed.do === 'quit') return resolve(run.finished === null ? 'detached' : 'finished')
      if (typed.do === 'say') return say(typed.lines)
      const answer = await control?.ask(typed.wish)
      if (answer?.granted === false) say([`${typed.wish.action}: ${answer.why}`])
      if (typed.wish.action === 'leave') resolve('left')
    }
    const tryAsk = (line: string) => {
      ask(line).catch((error: unknown) => say([`${line}: ${error instanceof Error ? error.message : String(error)}`]))
    }
    keyboard.on('line', tryAsk)
    silence = listenForViewerSignals({
      interrupt: () => {
        interrupts++
        if (control === null) resolve('detached')
        else tryAsk(interrupts === 1 ? 'abort' : 'leave')
      },
      terminate: () => resolve('terminated'),
    })
  })

  const followed = (async (): Promise<DashboardEnd> => {
    for await (const group of events) {
      for (const event of group) {
        if (event.type === 'log.line') continue
        run = reduce(run, event)
        plain(event)
      }
    }
    return run.finished === null ? 'lost' : 'finished'
  })()

  try {
    say(['Type help and Enter for the words that act.'])
    const end = await Promise.race([left, followed])
    writeClosing(end, run, input)
    return { end, state: run }
  } finally {
    keyboard.close()
    silence()
  }
}
