import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runEventSchema } from '../../src/events/schema.js'
import type { LabState } from '../../src/lab/model.js'
import { connectClient, get, openSftp } from '../lab/endpoint/ssh2-client.js'
import { differences, journalOf, type LabProcess, labUp, type RunResult, run } from './exroll.js'

const servers = 16

/** Files of a lab server, read with another SFTP client than exroll's transport. */
async function filesOn(lab: LabProcess, name: string, paths: string[]): Promise<[string, Buffer][]> {
  const inventory = parse(readFileSync(lab.inventory, 'utf8')) as { servers: { name: string; port: number }[] }
  const port = inventory.servers.find(server => server.name === name)?.port ?? 0
  const client = await connectClient(port, readFileSync(`${lab.inventory}.password`, 'utf8').trim())
  try {
    const sftp = await openSftp(client)
    return await Promise.all(paths.map(async (path): Promise<[string, Buffer]> => [path, await get(sftp, path)]))
  } finally {
    client.end()
  }
}

describe('the main job over a fleet', () => {
  let lab: LabProcess
  let before: LabState
  let after: LabState
  let result: RunResult

  beforeAll(async () => {
    lab = await labUp(['--servers', String(servers), '--seed', '7', '--time-scale', '200', '--install-seconds', '200'])
    before = await lab.state()
    result = await run(lab)
    after = await lab.state()
  })
  afterAll(() => lab?.end())

  it('patches every server once and leaves the rest of it as it was', () => {
    expect(result.exitCode, result.stderr).toBe(0)
    expect(Object.keys(result.outcomes)).toHaveLength(servers)
    for (const [name, state] of Object.entries(after.servers)) {
      expect(result.outcomes[name]).toBe('changed')
      expect(state).toMatchObject({ installsStarted: 1, build: '8.1.311.3' })
      expect(state.patches).toContain('KB952580')
      expect(differences(before, after, name)).toEqual([])
    }
  })

  it('emits events that the published schema accepts, numbered in order', () => {
    for (const event of result.events) expect(runEventSchema.safeParse(event).error).toBeUndefined()
    const numbers = result.events.map(event => event.seq)
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    expect(new Set(numbers).size).toBe(numbers.length)
  })

  it('writes the same events to the journal, log lines aside', () => {
    expect(journalOf(result.folder)).toEqual(result.events.filter(event => event.type !== 'log.line'))
  })

  it('puts each step in the journal before its act, and ends each step it began', () => {
    const open = new Set<string>()
    for (const event of result.events) {
      if (event.type === 'step.started') open.add(`${event.server} ${event.step}`)
      if (event.type === 'step.finished') expect(open.delete(`${event.server} ${event.step}`)).toBe(true)
    }
    expect([...open]).toEqual([])
  })

  it('never has two members of a cluster in progress, and takes the passive node first', () => {
    const busy = new Set<string>()
    const pair = ['ex-mbx-02a', 'ex-mbx-02b']
    for (const event of result.events) {
      if (event.type === 'step.started' && pair.includes(event.server)) {
        busy.add(event.server)
        expect(busy.size).toBe(1)
      }
      if (event.type === 'server.finished') busy.delete(event.server)
    }
    const moves = result.events.filter(
      event => event.type === 'step.finished' && event.step === 'maintenance-on' && pair.includes(event.server),
    )
    expect(moves).toEqual([
      expect.objectContaining({ outcome: 'ok', note: expect.stringContaining('passive') }),
      expect.objectContaining({ outcome: 'changed', note: expect.stringContaining('moved to') }),
    ])
  })

  it('skips both maintenance steps where there is no cluster', () => {
    const steps = result.events.filter(
      event => event.type === 'step.finished' && event.server === 'ex-hub-01' && event.step.startsWith('maintenance'),
    )
    expect(steps.map(event => event.type === 'step.finished' && event.outcome)).toEqual(['skipped', 'skipped'])
  })

  it('pulls logs that equal the server’s bytes, UTF-16 and tens of thousands of lines', async () => {
    const folder = join(result.folder, 'servers', 'ex-cas-01')
    const log = readFileSync(join(folder, '952580.log'))
    expect([log[0], log[1]]).toEqual([0xff, 0xfe])
    expect(log.toString('utf16le').split('\n').length).toBeGreaterThan(20_000)
    expect(readdirSync(folder)).toContain('diagnosis.json')
    const onServer = await filesOn(lab, 'ex-cas-01', [
      `C:/ProgramData/exroll/runs/${basename(result.folder)}/952580.log`,
      'C:/ExchangeSetupLogs/ServiceControl.log',
      'C:/ExchangeSetupLogs/UpdateCas.log',
      'C:/ExchangeSetupLogs/ExchangeSetup.log',
    ])
    for (const [path, bytes] of onServer)
      expect(readFileSync(join(folder, basename(path))).equals(bytes), path).toBe(true)
  })

  it('keeps the run folder to its owner, and the password out of it', () => {
    if (process.platform !== 'win32') expect(statSync(result.folder).mode & 0o777).toBe(0o700)
    const password = readFileSync(`${lab.inventory}.password`, 'utf8').trim()
    expect(password.length).toBeGreaterThan(7)
    const texts = readdirSync(result.folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => readFileSync(join(entry.parentPath, entry.name)))
    for (const text of [result.stdout, result.stderr]) expect(text.includes(password)).toBe(false)
    for (const text of texts) {
      expect(text.includes(password)).toBe(false)
      expect(text.includes(Buffer.from(password, 'utf16le'))).toBe(false)
    }
  })

  it('finds everything current the second time, and starts nothing', async () => {
    const again = await run(lab)
    expect(again.exitCode, again.stderr).toBe(0)
    expect(new Set(Object.values(again.outcomes))).toEqual(new Set(['ok']))
    const state = await lab.state()
    for (const server of Object.values(state.servers)) expect(server.installsStarted).toBe(1)
  })
})
