import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { makeFleet } from '../../src/lab/fleet.js'
import type { LabState } from '../../src/lab/model.js'
import { PowerShellEngine } from '../../src/lab/powershell-engine/powershell-engine.js'
import { serverState } from '../../src/lab/server-state.js'
import { LabClock } from '../../src/lab/world/clock.js'
import type { LabServer } from '../../src/lab/world/lab-server.js'
import { powershellHost } from '../powershell-host/host.js'
import { type Sshd, startSshd } from '../transport/sshd.js'
import type { LabProcess } from './exroll.js'

/**
 * In the place of powershell.exe on a server: hands the call on stdin to the test, where the lab's engine runs it in a real PowerShell, and
 * gives back what that prints.
 */
const standIn = (socket: string, server: string) => `#!${process.execPath}
const { connect } = require('node:net')
const door = connect(${JSON.stringify(socket)})
let call = ''
process.stdin.on('data', piece => { call += piece })
process.stdin.on('end', () => door.write(JSON.stringify({ server: ${JSON.stringify(server)}, call }) + '\\n'))
let rest = ''
door.on('data', piece => {
  const lines = (rest + piece).split('\\n')
  rest = lines.pop()
  for (const line of lines) {
    const told = JSON.parse(line)
    if (told.exit === undefined) process.stdout.write(Buffer.from(told.out, 'base64'))
    else { process.exitCode = told.exit; door.end() }
  }
})
door.on('error', () => process.exit(1))
`

export interface FleetOptions {
  /** How many the lab has. */
  servers: number
  /** Which of them are in the inventory; all when absent. */
  only?: (server: LabServer) => boolean
  prepare?: (server: LabServer) => void
}

/** Lab servers whose scripts run in the engine, each behind OpenSSH's sshd with PowerShell remoting as its subsystem. */
export async function fleetBehindSshd({
  servers: count,
  only = () => true,
  prepare = () => undefined,
}: FleetOptions): Promise<LabProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-psrp-'))
  const rootOf = (name: string) => join(folder, 'machines', name)
  const program = powershellHost() ?? ''
  const engine = await PowerShellEngine.start({ program, rootOf: server => rootOf(server.name) })
  const clock = new LabClock(10)
  const all = makeFleet({ servers: count, seed: 7, installSeconds: 60 }, { clock, spillFolder: folder, rootOf })
  const made = all.filter(({ server }) => only(server))
  const servers = new Map(made.map(({ server }) => [server.name, server]))
  for (const server of servers.values()) {
    prepare(server)
    server.changes.begin()
  }
  const socket = join(folder, 'door')
  const door = createServer(client => {
    let text = ''
    client.on('error', () => client.destroy())
    client.on('data', async piece => {
      text += String(piece)
      if (!text.endsWith('\n')) return
      const { server: name, call } = JSON.parse(text) as { server: string; call: string }
      const server = servers.get(name)
      if (server === undefined) return void client.destroy()
      const gone = new AbortController()
      client.on('close', () => gone.abort())
      const tell = (told: object) => client.writable && client.write(`${JSON.stringify(told)}\n`)
      const exit = await engine.answerCall(server, {
        line: '',
        stdin: once(call),
        stdout: data => tell({ out: Buffer.from(data).toString('base64') }),
        stderr: () => undefined,
        signal: gone.signal,
      })
      tell({ exit })
    })
  })
  await new Promise<void>(ready => door.listen(socket, ready))
  const sshds: Sshd[] = []
  const rows = []
  for (const { member, server } of made) {
    const programs = join(folder, 'programs', server.name)
    mkdirSync(programs, { recursive: true })
    const script = (name: string, body: string) => {
      writeFileSync(join(programs, name), body)
      chmodSync(join(programs, name), 0o755)
      return join(programs, name)
    }
    script('powershell.exe', standIn(socket, server.name))
    const subsystem = script(
      'remoting',
      `#!/bin/sh\ncd '${rootOf(server.name)}' && PATH='${programs}':"$PATH" exec '${program}' -sshs\n`,
    )
    const sshd = await startSshd([`Subsystem powershell ${subsystem}`])
    sshds.push(sshd)
    rows.push({
      ...{ name: member.name, host: '127.0.0.1', port: sshd.port, roles: [member.role], credential: member.name },
      ssh: { host_key: sshd.hostKey },
    })
  }
  const inventory = join(folder, 'inventory.yaml')
  const credentials = Object.fromEntries(
    rows.map(({ name }, index) => [name, { username: sshds[index]?.username, key: { file: sshds[index]?.keyFile } }]),
  )
  const defaults = { transport: 'powershell', powershell: { over: 'ssh' } }
  writeFileSync(inventory, stringify({ credentials, defaults, servers: rows }))
  const state = async (): Promise<LabState> => ({
    servers: Object.fromEntries([...servers].map(([name, server]) => [name, serverState(server)])),
  })
  const end = async () => {
    for (const sshd of sshds) await sshd.close()
    for (const server of servers.values()) server.close()
    await engine.close()
    await new Promise(closed => door.close(closed))
    rmSync(folder, { recursive: true, force: true })
  }
  return { inventory, folder, state, end }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
