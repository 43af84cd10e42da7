import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Credential, WinrmOptions } from '../../src/inventory/model.js'
import { type LabCertificates, makeLabCertificates } from '../../src/lab/endpoint/winrm/certificate.js'
import { KerberosAcceptor } from '../../src/lab/endpoint/winrm/kerberos-acceptor.js'
import { loadKeytab } from '../../src/lab/endpoint/winrm/keytab.js'
import { startWinrmEndpoint } from '../../src/lab/endpoint/winrm/winrm.js'
import { WsmanService } from '../../src/lab/endpoint/winrm/wsman-service.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { winrmTransport } from '../../src/transport/winrm/winrm-transport.js'
import { MemoryHost } from '../lab/endpoint/memory-host.js'
import { cmdShell, type FarEnd } from './far-end.js'
import { inventoryServer } from './inventory-server.js'

export interface WinrmFarEndOptions {
  /** With the keys of `HTTP/localhost`: the far end takes tickets, and is called localhost. */
  keytab?: string | undefined
}

/** The lab's endpoint in front of a host in memory, as one end of the conformance suite. */
export async function startWinrmFarEnd(winrm: WinrmOptions, { keytab }: WinrmFarEndOptions = {}): Promise<FarEnd> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-winrm-'))
  const certificates = winrm.scheme === 'https' ? await makeLabCertificates('exadmin') : undefined
  const host = new MemoryHost()
  const watched = watch(host)
  const service = new WsmanService({ host })
  const endpoint = await startWinrmEndpoint({
    host,
    service,
    domain: 'EXLAB',
    ...(keytab !== undefined && { kerberos: new KerberosAcceptor(await loadKeytab(keytab)) }),
    ...(certificates !== undefined && { tls: certificates.tls }),
  })
  const credential = credentialFor(winrm, certificates, folder)
  return {
    ...(keytab !== undefined && { host: 'localhost' }),
    port: endpoint.port,
    shell: cmdShell,
    exitBits: 32,
    path: name => `C:\\Users\\exadmin\\${name}`,
    transport({ port = endpoint.port, password = 'right' } = {}) {
      const server = {
        ...inventoryServer(port, credential),
        ...(keytab !== undefined && { host: 'localhost' }),
        transport: 'winrm' as const,
        winrm: { ...winrm, ...(certificates !== undefined && { fingerprint: certificates.fingerprint }) },
      }
      return winrmTransport(server, { secrets: openSecrets({ env: { PASSWORD: password } }) })
    },
    isRunning: () => watched.running > 0,
    ...((winrm.auth === 'negotiate' || winrm.auth === 'basic') && { refusedPasswords: () => watched.refused }),
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
      rmSync(folder, { recursive: true })
    },
  }
}

/** Counts what runs on the host, and the passwords that it refused. */
function watch(host: MemoryHost): { running: number; refused: number } {
  const watched = { running: 0, refused: 0 }
  const { exec } = host
  host.exec = async channel => {
    watched.running++
    return exec(channel).finally(() => watched.running--)
  }
  const { logon } = MemoryHost.prototype
  host.logon = (user, password) => {
    const right = logon.call(host, user, password)
    if (!right) watched.refused++
    return right
  }
  return watched
}

function credentialFor(winrm: WinrmOptions, certificates: LabCertificates | undefined, folder: string): Credential {
  if (winrm.auth !== 'certificate') return { name: 'lab', username: 'exadmin', password: { env: 'PASSWORD' } }
  const file = join(folder, 'client.pem')
  writeFileSync(file, certificates?.clientPem ?? '', { mode: 0o600 })
  return { name: 'lab', username: 'exadmin', key: { file } }
}
