import type { ReadStream } from 'node:tty'
import { UsageError } from '../errors.js'
import type { Prompt } from './resolve.js'

/**
 * A `Prompt` on a terminal: shows the subject, reads a line without echo. Several at once are asked one after the
 * other. Undefined where `input` is no terminal. Ctrl-C, Ctrl-D and an abort of `signal` throw `UsageError` `SECRET_NOT_GIVEN`, after
 * the terminal was given back as it was.
 */
export function terminalPrompt(
  input: ReadStream,
  output: NodeJS.WritableStream,
  signal?: AbortSignal,
): Prompt | undefined {
  if (!input.isTTY) return undefined
  let last: Promise<unknown> = Promise.resolve()
  return subject => {
    const answer = last.then(() => readHidden(input, output, subject, signal))
    last = answer.catch(() => undefined)
    return answer
  }
}

function readHidden(
  input: ReadStream,
  output: NodeJS.WritableStream,
  subject: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(notGiven(subject))
    const decoder = new TextDecoder()
    let typed = ''
    const wasRaw = input.isRaw
    const finish = (act: () => void) => {
      input.off('data', onData)
      signal?.removeEventListener('abort', onAbort)
      input.setRawMode(wasRaw)
      input.pause()
      output.write('\n')
      act()
    }
    const onData = (chunk: Buffer | string) => {
      for (const character of typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })) {
        if (character === '\r' || character === '\n') return finish(() => resolve(typed))
        if (character === '\u0003' || character === '\u0004') return finish(() => reject(notGiven(subject)))
        if (character === '\u007f' || character === '\b') typed = Array.from(typed).slice(0, -1).join('')
        else typed += character
      }
    }
    const onAbort = () => finish(() => reject(notGiven(subject)))
    signal?.addEventListener('abort', onAbort)
    output.write(`${subject}: `)
    input.setRawMode(true)
    input.on('data', onData)
    input.resume()
  })
}

function notGiven(subject: string): UsageError {
  return new UsageError(`${subject}: not given.`, {
    code: 'SECRET_NOT_GIVEN',
    hint: 'Type the password and press Enter, or use env, file or command as the source.',
  })
}
