import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { resolve } from 'node:path'
import { describe } from 'vitest'
import { parseInventory } from '../../src/inventory/parse.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { winrmTransport } from '../../src/transport/winrm/winrm-transport.js'
import { describeTransport } from './conformance.js'
import { cmdShell, type FarEnd } from './far-end.js'

/** An inventory whose first server over WinRM is a Windows host that tests may use: files in C:\Windows\Temp, programs of cmd. */
const inventoryFile = process.env.EXROLL_TEST_WINRM

describe.skipIf(inventoryFile === undefined)(
  'a real Windows host (skipped: EXROLL_TEST_WINRM names no inventory)',
  () => {
    describeTransport('winrm to a Windows host', startFarEnd)
  },
)

async function startFarEnd(): Promise<FarEnd> {
  const file = resolve(inventoryFile ?? '')
  const server = parseInventory(readFileSync(file, 'utf8'), file).servers.find(({ transport }) => transport === 'winrm')
  if (server === undefined) throw new Error(`${file} has no server with transport: winrm`)
  const secrets = openSecrets({ env: process.env })
  const session = await winrmTransport(server, { secrets }).connect()
  // The suite breaks the way to 127.0.0.1: one that leads on to the host.
  const way = createServer(near => {
    const far = connect({ host: server.host, port: server.port, noDelay: true })
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await new Promise<void>(done => way.listen(0, '127.0.0.1', done))
  const marks = `exroll-test-${process.pid}`
  await session.run({ line: `mkdir C:\\Windows\\Temp\\${marks}` })
  return {
    port: (way.address() as AddressInfo).port,
    shell: cmdShell,
    exitBits: 32,
    path: name => `C:\\Windows\\Temp\\${marks}\\${name}`,
    transport({ port, password } = {}) {
      const credential = { name: 'test', username: server.credential.username, password: { env: 'PASSWORD' } }
      const wrong = password === undefined ? undefined : openSecrets({ env: { PASSWORD: password } })
      const changed = {
        ...server,
        ...(port !== undefined && { host: '127.0.0.1', port }),
        ...(wrong !== undefined && { credential }),
      }
      return winrmTransport(changed, { secrets: wrong ?? secrets })
    },
    async isRunning() {
      const { stdout } = await session.run({ line: 'tasklist /fi "imagename eq ping.exe" /fo csv /nh' })
      return /ping\.exe/i.test(stdout)
    },
    hash: own => async path => {
      const { stdout } = await own.run({ line: `certutil -hashfile "${path}" SHA256` })
      return (stdout.split('\r\n')[1] ?? '').replaceAll(' ', '')
    },
    async close() {
      await session.run({ line: `rmdir /s /q C:\\Windows\\Temp\\${marks}` })
      await session.close()
      await new Promise(done => way.close(done))
    },
  }
}
