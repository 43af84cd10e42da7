import { randomBytes } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { answerWorldCall, type Caller } from './world-calls.js'

interface Question {
  call: string
  args: unknown[]
}

/**
 * Where PowerShell processes of the lab ask their simulated server: a port on 127.0.0.1. Each connection begins with the token of its
 * process; then one JSON line a question, one JSON line an answer.
 */
export class WorldDoor {
  readonly #server: Server
  readonly #callers = new Map<string, { caller: Caller; arrived(): void }>()
  readonly #sockets = new Set<Socket>()

  private constructor() {
    this.#server = createServer(socket => this.#serve(socket))
  }

  static async open(): Promise<WorldDoor> {
    const door = new WorldDoor()
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject)
      door.#server.listen(0, '127.0.0.1', resolve)
    })
    return door
  }

  /** Lets a process in: what goes into its environment, and how to shut it out again. `arrived` is called when it asks for the first time. */
  admit(caller: Caller, arrived: () => void = () => undefined): { environment: string; dismiss(): void } {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the door is closed')
    const token = randomBytes(16).toString('hex')
    this.#callers.set(token, { caller, arrived })
    return { environment: `${address.port} ${token}`, dismiss: () => this.#callers.delete(token) }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => this.#sockets.delete(socket))
    // A process that was killed in the middle of a question is no fault of the lab's.
    socket.on('error', () => socket.destroy())
    let caller: Caller | undefined
    const lines = createInterface({ input: socket })
    // It tells the socket's errors once more, to whoever listens.
    lines.on('error', () => undefined)
    lines.on('line', line => {
      if (caller === undefined) {
        const known = this.#callers.get(line)
        if (known === undefined) socket.destroy()
        known?.arrived()
        caller = known?.caller
        return
      }
      answer(caller, line).then(text => socket.write(text))
    })
  }
}

async function answer(caller: Caller, line: string): Promise<string> {
  try {
    const { call, args }: Question = JSON.parse(line)
    return wire(null, await answerWorldCall(caller, call, args))
  } catch (error) {
    return wire(error instanceof Error ? error.message : String(error), null)
  }
}

function wire(error: string | null, value: unknown): string {
  return `${JSON.stringify({ error, value: value ?? null })}\n`
}
