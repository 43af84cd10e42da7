import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { basename, join } from 'node:path'
import { UsageError } from '../errors.js'
import type { RunEvent } from '../events/event.js'
import type { RunWishes, Wish, WishAnswer } from '../events/wish.js'
import { jsonLines } from './json-lines.js'
import { type ControlFile, type ControlReply, type ControlRequest, controlFileName } from './message.js'

export interface ControlClient extends RunWishes {
  follow(server: string | null): void
  /** Gets the `log.line` events of the followed server. */
  onEvent(listener: (event: RunEvent) => void): void
  close(): void
}

const gone: WishAnswer = { granted: false, why: 'the process that carries the run out is gone' }

/**
 * Opens the way to the runner of the run in `folder`. `by` names who asks, for the journal. Throws `UsageError` RUN_NOT_LIVE when nobody
 * carries the run out now.
 */
export async function connectControl(folder: string, by: string): Promise<ControlClient> {
  const { address, token } = readControlFile(folder)
  const socket = await open(address).catch(error => {
    throw notLive(folder, error)
  })
  const waiting = new Map<number, (answer: WishAnswer) => void>()
  const listeners: ((event: RunEvent) => void)[] = []
  let last = 0
  jsonLines(socket, value => {
    const reply = value as ControlReply
    if ('event' in reply) {
      for (const listener of listeners) listener(reply.event)
      return
    }
    waiting.get(reply.id)?.(reply.answer)
    waiting.delete(reply.id)
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    for (const answer of waiting.values()) answer(gone)
    waiting.clear()
  })
  const send = (ask: ControlRequest['ask']): Promise<WishAnswer> => {
    if (!socket.writable) return Promise.resolve(gone)
    const id = ++last
    const answer = new Promise<WishAnswer>(resolve => waiting.set(id, resolve))
    socket.write(`${JSON.stringify({ id, token, by, ask })}\n`)
    return answer
  }
  return {
    ask: (wish: Wish) => send(wish),
    follow(server) {
      void send({ action: 'follow', server })
    },
    onEvent(listener) {
      listeners.push(listener)
    },
    close() {
      socket.destroy()
    },
  }
}

function readControlFile(folder: string): ControlFile {
  try {
    return JSON.parse(readFileSync(join(folder, controlFileName), 'utf8')) as ControlFile
  } catch (error) {
    throw notLive(folder, error)
  }
}

function open(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => {
      socket.off('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

function notLive(folder: string, cause: unknown): UsageError {
  const run = basename(folder)
  return new UsageError(`nobody carries run ${run} out now, so nobody can be asked`, {
    code: 'RUN_NOT_LIVE',
    hint: `exroll status ${run} says what it came to; exroll resume ${run} goes on with it.`,
    cause,
  })
}
