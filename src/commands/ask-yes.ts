import { createInterface } from 'node:readline/promises'
import { exitCodes, UsageError } from '../errors.js'
import type { CommandIo } from './io.js'

/** Asks on the terminal; returns when the answer is yes. Throws `UsageError` NOT_CONFIRMED, or CONFIRMATION_NEEDED off a terminal: there `--yes` has to say it. */
export async function askYes(question: string, io: CommandIo): Promise<void> {
  if ((io.stdin as { isTTY?: boolean }).isTTY !== true) {
    throw new UsageError('nobody is there to say yes', {
      code: 'CONFIRMATION_NEEDED',
      hint: 'Add --yes to start without being asked.',
    })
  }
  const lines = createInterface({ input: io.stdin, output: io.stderr })
  try {
    const answer = await lines.question(`${question} [y/N] `)
    if (/^y(es)?$/i.test(answer.trim())) return
  } finally {
    lines.close()
  }
  throw new UsageError('not started: the answer was no', {
    code: 'NOT_CONFIRMED',
    hint: `Nothing was changed (exit ${exitCodes.usage}).`,
  })
}
