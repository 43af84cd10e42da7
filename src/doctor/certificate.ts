import { ConnectError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { dial } from '../transport/winrm/http/dial.js'
import { subjectOf } from '../transport/winrm/http/tls-trust.js'
import { readTls } from '../transport/winrm/target.js'
import { certificateNote } from './certificate-note.js'
import type { Named, Way } from './hop.js'
import { lookMs } from './network.js'
import { whyNoTls } from './no-listener.js'

/** The certificate of a listener of HTTPS. To a `stranger` one that is not trusted is worth a word, and no more. */
export async function lookAtCertificate(
  way: Way,
  server: InventoryServer,
  secrets: Secrets,
  stranger: boolean,
): Promise<void> {
  const { host, port, winrm } = server
  const where = `${host}:${port}`
  await way.look('tls', async () => {
    const tls = await readTls(server, secrets)
    const target = { host, port, timeoutMs: lookMs }
    let refused: ConnectError | undefined
    const dialed = dial({ ...target, ...(tls !== undefined && { tls }) }).catch(async (error: unknown) => {
      if (!stranger || !isUntrusted(error)) throw await whyNoTls(error, server)
      refused = error
      return dial({ ...target, tls: { trust: { unverified: true } } })
    })
    const { socket, certificate } = await dialed
    socket.destroy()
    if (certificate === undefined) throw new ConnectError(`${where} shows no certificate.`, { code: 'TLS_UNTRUSTED' })
    const names = certificate.subjectAltName ?? subjectOf(certificate)
    const found = `${names}; until ${certificate.validTo}; SHA-256 ${certificate.fingerprint256}`
    const unverified = winrm.unverified === true
    const note = refusalNote(refused) ?? certificateNote(certificate, { unverified, now: new Date() })
    return { found, value: undefined, ...(note !== undefined && { note }) }
  })
}

function isUntrusted(error: unknown): error is ConnectError {
  return error instanceof ConnectError && error.code === 'TLS_UNTRUSTED'
}

function refusalNote(refused: ConnectError | undefined): Named | undefined {
  return refused && { code: refused.code, fix: `${refused.message} ${refused.hint ?? ''}` }
}
