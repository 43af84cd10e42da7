import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/commands/program.js'
import { exitCodes } from '../../src/errors.js'
import { Lab } from '../../src/lab/lab.js'

let folder: string
const toClose: (() => unknown)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-doctor-'))
})

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
  rmSync(folder, { recursive: true, force: true })
})

async function doctor(argv: string[], { columns }: { columns?: number } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const out = columns === undefined ? stdout : Object.assign(stdout, { columns })
  const exitCode = await runCli({
    argv: ['doctor', ...argv],
    stdout: out,
    stderr,
    stdin: new PassThrough(),
    env: {},
    cwd: folder,
  })
  const all = (stream: PassThrough): string => String(stream.read() ?? '')
  return { exitCode, stdout: all(stdout), stderr: all(stderr) }
}

/** A lab of one server, and the arguments that name it. */
async function labServer(fault?: 'auth-failure' | 'gpo-execution-policy'): Promise<string[]> {
  const faults = fault === undefined ? [] : [{ name: fault }]
  const lab = await Lab.start({ servers: 1, seed: 3, faults, timeScale: 600, transport: 'winrm' })
  toClose.push(() => lab.dispose())
  const [passwordFile, inventory] = [join(folder, 'password'), join(folder, 'inv.yaml')]
  writeFileSync(passwordFile, lab.password, { mode: 0o600 })
  writeFileSync(inventory, lab.inventoryYaml({ passwordFile }))
  return ['ex-mbx-01', '-i', inventory]
}

describe('exroll doctor HOST', () => {
  it.for([
    [undefined, exitCodes.ok],
    ['gpo-execution-policy', exitCodes.failed],
    ['auth-failure', exitCodes.unreachable],
  ] as const)('with the fault %s ends with %d', async ([fault, exitCode]) => {
    const found = await doctor(await labServer(fault))
    expect(found).toMatchObject({ exitCode, stderr: '' })
    expect(found.stdout).toContain('revocation')
  })

  it('prints one object for programs', async () => {
    const { stdout } = await doctor([...(await labServer()), '--json'])
    const printed = JSON.parse(stdout)
    expect(printed).toMatchObject({ schema: 'exroll.doctor/1', server: 'ex-mbx-01', transport: 'winrm' })
    expect(printed.hops[0]).toMatchObject({ hop: 'name', outcome: 'ok', ms: expect.any(Number) })
  })

  it('keeps to the width of a terminal, and to whole lines elsewhere', async () => {
    const args = await labServer('auth-failure')
    const narrow = (await doctor(args, { columns: 72 })).stdout.split('\n')
    expect(Math.max(...narrow.map(line => line.length))).toBeLessThanOrEqual(72)
    const whole = (await doctor(args)).stdout.split('\n')
    expect(whole.filter(line => line.includes('-> '))).toHaveLength(1)
  })

  it('names the servers that the inventory has', async () => {
    const [, ...inventory] = await labServer()
    const { exitCode, stderr } = await doctor(['ex-cas-09', ...inventory])
    expect(exitCode).toBe(exitCodes.usage)
    expect(stderr).toContain('It has: ex-mbx-01')
  })
})

describe('exroll doctor HOST without an inventory', () => {
  it.for(['ex-01:99999', 'ex-01:0', 'user@ex-01', '[ex-01]:22', 'ex 01', 'http://ex-01'])(
    'contacts nobody for %s, which is no host',
    async written => {
      const { exitCode, stdout, stderr } = await doctor([written])
      expect([exitCode, stdout]).toEqual([exitCodes.usage, ''])
      expect(stderr).toContain('HOST_INVALID')
    },
  )

  it.for([
    [401, exitCodes.ok],
    [404, exitCodes.unreachable],
  ] as const)('ends with what a stranger sees: HTTP %d is %d', async ([status, exitCode]) => {
    const server = createServer((incoming, outgoing) => {
      incoming.resume()
      outgoing.writeHead(status, { 'www-authenticate': 'Negotiate', connection: 'close' }).end()
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    toClose.push(() => new Promise(done => server.close(done)))
    const found = await doctor([`127.0.0.1:${(server.address() as AddressInfo).port}`])
    expect(found.exitCode).toBe(exitCode)
    expect(found.stdout).toContain('nobody was logged on')
  })
})
