import { createInterface } from 'node:readline/promises'
import { exitCodes, UsageError } from '../errors.js'
import type { CommandIo } from './io.js'
import { whileAsking } from './signals.js'

/** Asks on the terminal; returns when the answer is yes. Throws `UsageError` NOT_CONFIRMED, or CONFIRMATION_NEEDED off a terminal: there `--yes` has to say it. */
export async function askYes(question: string, io: CommandIo): Promise<void> {
  if ((io.stdin as { isTTY?: boolean }).isTTY !== true) {
    throw new UsageError('nobody is there to say yes', {
      code: 'CONFIRMATION_NEEDED',
      hint: 'Add --yes to start without being asked.',
    })
  }
  const answer = await whileAsking(signal => readAnswer(`${question} [y/N] `, io, signal))
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new UsageError('not started: the answer was no', {
    code: 'NOT_CONFIRMED',
    hint: `Nothing was changed (exit ${exitCodes.usage}).`,
  })
}

/** A line of the terminal; the empty one when Ctrl-C, Ctrl-D or a signal ends the question. */
async function readAnswer(question: string, io: CommandIo, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: io.stdin, output: io.stderr })
  // A question that is closed under it never gets an answer of its own.
  const closed = new Promise<string>(resolve => lines.once('close', () => resolve('')))
  const withdraw = () => lines.close()
  signal.addEventListener('abort', withdraw)
  try {
    return await Promise.race([lines.question(question), closed])
  } finally {
    signal.removeEventListener('abort', withdraw)
    lines.close()
  }
}
