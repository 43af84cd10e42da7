import { createHash } from 'node:crypto'
import type { Host } from '../../model.js'
import type { LabCertificates } from './certificate.js'
import type { KerberosAcceptor } from './kerberos-acceptor.js'
import { startWinrmEndpoint } from './winrm.js'
import { WsmanService } from './wsman-service.js'

export interface WinrmListenersOptions {
  host: Host
  domain: string
  certificates: LabCertificates
  /** Keys of the services whose tickets are taken. */
  kerberos?: KerberosAcceptor
  /** Which of the two the inventory names. */
  scheme: 'http' | 'https'
  /** The inventory pins a certificate that the server does not have. */
  otherCertificate: boolean
}

export interface WinrmListeners {
  http: number
  https: number
  service: WsmanService
  /** What an inventory says of the server. */
  inventory: { transport: 'winrm'; port: number; winrm: Record<string, string> }
  close(): Promise<void>
}

/** The two WinRM listeners of a simulated server, HTTP and HTTPS, in front of one service. */
export async function startWinrmListeners(options: WinrmListenersOptions): Promise<WinrmListeners> {
  const { host, domain, certificates, kerberos, scheme, otherCertificate } = options
  const endpoint = { host, domain, ...(kerberos !== undefined && { kerberos }) }
  const service = new WsmanService({ host })
  const [http, https] = await Promise.all([
    startWinrmEndpoint({ ...endpoint, service }),
    startWinrmEndpoint({ ...endpoint, service, tls: certificates.tls }),
  ])
  const fingerprint = otherCertificate ? anotherFingerprint(certificates.fingerprint) : certificates.fingerprint
  return {
    http: http.port,
    https: https.port,
    service,
    inventory: {
      transport: 'winrm',
      port: scheme === 'https' ? https.port : http.port,
      winrm: scheme === 'https' ? { scheme, fingerprint } : { scheme },
    },
    async close() {
      service.close()
      await Promise.all([http.close(), https.close()])
    },
  }
}

function anotherFingerprint(fingerprint: string): string {
  const hex = createHash('sha256').update(fingerprint).digest('hex').toUpperCase()
  return (hex.match(/../g) ?? []).join(':')
}
