import { startWinrmEndpoint } from '../../src/lab/endpoint/winrm/winrm.js'
import { WsmanService } from '../../src/lab/endpoint/winrm/wsman-service.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { winrmTransport } from '../../src/transport/winrm/winrm-transport.js'
import { MemoryHost } from '../lab/endpoint/memory-host.js'
import { describeTransport } from './conformance.js'
import { cmdShell, type FarEnd } from './far-end.js'
import { inventoryServer } from './inventory-server.js'

describeTransport("winrm to the lab's endpoint: sealed NTLMv2 over HTTP", startLabFarEnd)

async function startLabFarEnd(): Promise<FarEnd> {
  const host = new MemoryHost()
  let running = 0
  const { exec } = host
  host.exec = async channel => {
    running++
    return exec(channel).finally(() => running--)
  }
  const refused: string[] = []
  const { logon } = MemoryHost.prototype
  host.logon = (user, password) => {
    const right = logon.call(host, user, password)
    if (!right) refused.push(user)
    return right
  }
  const service = new WsmanService({ host })
  const endpoint = await startWinrmEndpoint({ host, service, domain: 'EXLAB' })
  return {
    port: endpoint.port,
    shell: cmdShell,
    exitBits: 32,
    path: name => `C:\\Users\\exadmin\\${name}`,
    transport({ port = endpoint.port, password = 'right' } = {}) {
      const credential = { name: 'lab', username: 'exadmin', password: { env: 'PASSWORD' } }
      const server = { ...inventoryServer(port, credential), transport: 'winrm' as const }
      return winrmTransport(server, { secrets: openSecrets({ env: { PASSWORD: password } }) })
    },
    isRunning: () => running > 0,
    refusedPasswords: () => refused.length,
    damageNext() {
      host.network.damage = true
    },
    hash: session => async path => {
      const { stdout } = await session.run({ line: `certutil -hashfile "${path}" SHA256` })
      return (stdout.split('\r\n')[1] ?? '').replaceAll(' ', '')
    },
    async close() {
      service.close()
      await endpoint.close()
    },
  }
}
