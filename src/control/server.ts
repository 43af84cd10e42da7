import { randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import type { Listener } from '../events/bus.js'
import type { RunEvent } from '../events/event.js'
import type { Wish, WishAnswer } from '../events/wish.js'
import { isPrivateFolder } from '../private-folder.js'
import { controlAddresses } from './address.js'
import { jsonLines } from './json-lines.js'
import { createLogTails, type LogTails } from './log-tails.js'
import { type ControlReply, controlFileName, requestSchema } from './message.js'

/** A viewer that does not read is cut off from the log, not waited for. */
const mostUnreadBytes = 1024 * 1024

export interface ControlServer {
  /** Passes the `log.line` events of followed servers on; everything else is in the journal. */
  readonly logs: Listener
  close(): Promise<void>
}

interface Viewer {
  follows: string | null
  /** The last line it got of each server's log. */
  told: Map<string, RunEvent>
}

/**
 * Listens for wishes about the run in `folder`, for its owner only: the socket lies in a private folder and has mode 0600, and each
 * request has to hold the token of the control file. Rejects when no address can be listened at; a run goes on without.
 */
export async function startControlServer(
  folder: string,
  ask: (wish: Wish, by: string) => Promise<WishAnswer>,
): Promise<ControlServer> {
  const token = randomBytes(32).toString('hex')
  const tails = createLogTails()
  const viewers = new Map<Socket, Viewer>()
  const server = createServer(socket => {
    const viewer: Viewer = { follows: null, told: new Map() }
    viewers.set(socket, viewer)
    socket.on('close', () => viewers.delete(socket))
    // A viewer that was killed is none of the run's business.
    socket.on('error', () => socket.destroy())
    jsonLines(socket, async value => {
      const parsed = requestSchema.safeParse(value)
      if (!parsed.success || !sameToken(parsed.data.token, token)) return void socket.destroy()
      const { id, by, ask: asked } = parsed.data
      if (asked.action === 'follow') {
        viewer.follows = asked.server
        if (asked.server !== null) catchUp(socket, viewer, asked.server, tails)
      }
      send(socket, { id, answer: asked.action === 'follow' ? { granted: true } : await answerOf(ask, asked, by) })
    })
  })
  const address = await listenSomewhere(server, folder)
  const file = join(folder, controlFileName)
  writePrivate(file, JSON.stringify({ address, token, pid: process.pid }))
  return {
    logs(event) {
      tails.take(event)
      if (event.type !== 'log.line') return
      for (const [socket, { follows, told }] of viewers) {
        if (follows !== event.server || socket.writableLength >= mostUnreadBytes) continue
        told.set(event.server, event)
        send(socket, { event })
      }
    },
    async close() {
      rmSync(file, { force: true })
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of viewers.keys()) socket.end()
      const patience = setTimeout(() => {
        for (const socket of viewers.keys()) socket.destroy()
      }, 500)
      await closed
      clearTimeout(patience)
    },
  }
}

/** A wish that brings a bug to light must not take the run with it. */
async function answerOf(
  ask: (wish: Wish, by: string) => Promise<WishAnswer>,
  wish: Wish,
  by: string,
): Promise<WishAnswer> {
  try {
    return await ask(wish, by)
  } catch (error) {
    return { granted: false, why: `a bug in exroll: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** The newest lines of a log, but for those that this viewer has already. */
function catchUp(socket: Socket, { told }: Viewer, server: string, tails: LogTails): void {
  const lines = tails.of(server)
  const last = told.get(server)
  for (const event of lines.slice(last === undefined ? 0 : lines.indexOf(last) + 1)) {
    told.set(server, event)
    send(socket, { event })
  }
}

async function listenSomewhere(server: Server, folder: string): Promise<string> {
  let problem: unknown = new Error('there is no private folder with a path short enough for a socket')
  for (const address of controlAddresses(folder)) {
    try {
      if (process.platform !== 'win32') {
        if (!isPrivateFolder(dirname(address))) continue
        // The run is locked: what lies there is of a runner that was killed.
        rmSync(address, { force: true })
      }
      await listen(server, address)
      if (process.platform !== 'win32') chmodSync(address, 0o600)
      return address
    } catch (error) {
      problem = error
    }
  }
  throw problem
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      // One viewer that cannot be let in is no reason to end a run.
      server.on('error', () => undefined)
      resolve()
    })
  })
}

function send(socket: Socket, reply: ControlReply): void {
  if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`)
}

function sameToken(given: string, wanted: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(wanted)
  return a.length === b.length && timingSafeEqual(a, b)
}

function writePrivate(file: string, text: string): void {
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, text, { mode: 0o600 })
  renameSync(fresh, file)
}
