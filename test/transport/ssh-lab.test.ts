import { makeHostKey } from '../../src/lab/endpoint/host-key.js'
import { startSshEndpoint } from '../../src/lab/endpoint/ssh.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { sshTransport } from '../../src/transport/ssh/ssh-transport.js'
import { MemoryHost } from '../lab/endpoint/memory-host.js'
import { describeTransport } from './conformance.js'
import { cmdShell, type FarEnd } from './far-end.js'
import { inventoryServer } from './inventory-server.js'

describeTransport("ssh to the lab's endpoint", startLabFarEnd)

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
  const endpoint = await startSshEndpoint({ host, hostKey: makeHostKey() })
  return {
    port: endpoint.port,
    shell: cmdShell,
    exitBits: 32,
    path: name => `C:\\Users\\exadmin\\${name}`,
    transport({ port = endpoint.port, password = 'right' } = {}) {
      const credential = { name: 'lab', username: 'exadmin', password: { env: 'PASSWORD' } }
      return sshTransport(inventoryServer(port, credential, { hostKey: endpoint.fingerprint }), {
        secrets: openSecrets({ env: { PASSWORD: password } }),
      })
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
    close: () => endpoint.close(),
  }
}
