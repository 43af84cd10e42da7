import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UsageError } from '../errors.js'
import type { LabState } from './model.js'

/** What can be asked of a living lab. */
export type LabRequest =
  | { do: 'state' }
  /** Takes a fault off a server, so that what it refused works again. */
  | { do: 'allow'; fault: string; server: string }
  | { do: 'reboot'; server: string }

/** The lab as its control channel needs it. `allow` and `reboot` throw a `UsageError` for a name the fleet does not have. */
export interface ControlledLab {
  state(): LabState
  allow(fault: string, server: string): void
  reboot(server: string): void
}

export interface LabControl {
  close(): Promise<void>
}

/** The control file of a lab that was killed may name a port that is somebody else's now. */
const answerWithinMs = 30_000

/** Where the way to a lab stands: beside the inventory it wrote, never in it. */
export function controlFileOf(inventory: string): string {
  return `${inventory}.lab.json`
}

/**
 * Listens on 127.0.0.1 for requests about `lab` and writes address and token to `controlFileOf(inventory)`, readable by
 * the owner only. `close` takes the file away again.
 */
export async function startLabControl(lab: ControlledLab, inventory: string): Promise<LabControl> {
  const token = randomBytes(32).toString('hex')
  const server = createServer((incoming, outgoing) => {
    const reply = (status: number, body: unknown): void => {
      outgoing.writeHead(status, { 'content-type': 'application/json' })
      outgoing.end(JSON.stringify(body))
    }
    if (!sameToken(incoming, token)) {
      incoming.resume()
      reply(403, { error: 'wrong token' })
      return
    }
    body(incoming)
      .then(text => reply(200, answer(lab, text)))
      .catch((error: unknown) => reply(400, { error: error instanceof Error ? error.message : String(error) }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const file = controlFileOf(inventory)
  await writePrivateFile(file, `${JSON.stringify({ port, token, pid: process.pid })}\n`)
  return {
    async close() {
      await rm(file, { force: true })
      await closeServer(server)
    },
  }
}

/**
 * Asks the lab that wrote `inventory`. Throws `UsageError`: `LAB_NOT_RUNNING` when there is none, `LAB_REFUSED` with the
 * lab's own words when it does not know a name.
 */
export async function askLab(inventory: string, request: { do: 'state' }): Promise<LabState>
export async function askLab(inventory: string, request: LabRequest): Promise<unknown>
export async function askLab(inventory: string, request: LabRequest): Promise<unknown> {
  const way = await readControlFile(inventory)
  const reply = await post(way, JSON.stringify(request)).catch((error: unknown) => {
    throw notRunning(inventory, error)
  })
  const answered = JSON.parse(reply.text) as { error?: string }
  if (reply.status === 200) return answered
  throw new UsageError(`The lab says: ${answered.error ?? reply.status}`, {
    code: 'LAB_REFUSED',
    hint: 'Names of faults and servers are those that `exroll lab up` was started with.',
  })
}

/** Writes a file that only its owner may read, whatever was there before. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(fresh, text, { mode: 0o600, flag: 'wx' })
  await rename(fresh, file)
}

function answer(lab: ControlledLab, text: string): unknown {
  const request = JSON.parse(text) as LabRequest
  switch (request.do) {
    case 'state':
      return lab.state()
    case 'allow':
      lab.allow(request.fault, request.server)
      return { ok: true }
    case 'reboot':
      lab.reboot(request.server)
      return { ok: true }
    default:
      throw new Error('unknown request')
  }
}

async function readControlFile(inventory: string): Promise<{ port: number; token: string }> {
  try {
    return JSON.parse(await readFile(controlFileOf(inventory), 'utf8')) as { port: number; token: string }
  } catch (error) {
    throw notRunning(inventory, error)
  }
}

function notRunning(inventory: string, cause: unknown): UsageError {
  return new UsageError(`No lab is running that wrote ${inventory}.`, {
    code: 'LAB_NOT_RUNNING',
    hint: `exroll lab up --servers 8 --inventory-out ${inventory}`,
    cause,
  })
}

function sameToken(incoming: IncomingMessage, token: string): boolean {
  const given = Buffer.from(incoming.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function body(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('utf8')
}

function post(way: { port: number; token: string }, text: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${way.token}`, 'content-type': 'application/json' }
    const options = { host: '127.0.0.1', port: way.port, method: 'POST', headers, agent: false }
    const outgoing = httpRequest(options, incoming => {
      body(incoming).then(found => resolve({ status: incoming.statusCode ?? 0, text: found }), reject)
    })
    outgoing.once('error', reject)
    outgoing.setTimeout(answerWithinMs, () => outgoing.destroy(new Error('no answer')))
    outgoing.end(text)
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
