import { ConnectError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { offeredSchemes } from '../transport/winrm/auth/offered.js'
import { Channel } from '../transport/winrm/channel/channel.js'
import { type Dialed, dial, tlsReason } from '../transport/winrm/http/dial.js'
import { type HttpAnswer, HttpConnection, HttpConnectionError } from '../transport/winrm/http/http-connection.js'
import { subjectOf } from '../transport/winrm/http/tls-trust.js'
import { readTarget, readTls } from '../transport/winrm/target.js'
import { certificateNote } from './certificate-note.js'
import { greeter, readGreeting } from './greeting.js'
import type { Way } from './hop.js'
import { lookMs } from './network.js'
import { speaksPlainHttp, speaksTls } from './second-look.js'
import { wrongAnswer } from './web-answer.js'

/** Kerberos refuses a ticket when the clocks differ by more (its default). */
const mostSkewMs = 5 * 60_000

/** What a WinRM listener shows before anybody logs on: its certificate, the schemes it takes, its clock. */
export async function lookAtListener(way: Way, server: InventoryServer, secrets: Secrets): Promise<void> {
  const { host, port, winrm } = server
  const { scheme = 'http', auth = 'negotiate' } = winrm
  const where = `${host}:${port}`
  if (scheme === 'https') {
    await way.look('tls', async () => {
      const tls = await readTls(server, secrets)
      const { socket, certificate } = await dial({
        host,
        port,
        timeoutMs: lookMs,
        ...(tls !== undefined && { tls }),
      }).catch(async (error: unknown) => {
        throw await whyNoTls(error, server)
      })
      socket.destroy()
      if (certificate === undefined) throw new ConnectError(`${where} shows no certificate.`, { code: 'TLS_UNTRUSTED' })
      const names = certificate.subjectAltName ?? subjectOf(certificate)
      const found = `${names}; until ${certificate.validTo}; SHA-256 ${certificate.fingerprint256}`
      const note = certificateNote(certificate, { unverified: winrm.unverified === true, now: new Date() })
      return { found, value: undefined, ...(note !== undefined && { note }) }
    })
  }
  const answer = await way.look('offered', async () => {
    const value = await askWithoutLogon(server, secrets)
    const wrong = wrongAnswer(value, where, auth)
    if (wrong !== undefined) throw wrong
    const asks = value.status === 401 ? 'asks for a logon' : `answers HTTP ${value.status} without a logon`
    return { found: `${asks}; takes ${offeredSchemes(value).join(', ') || 'certificates only'}`, value }
  })
  await way.look('clock', async () => {
    const date = Date.parse(String(answer?.headers.date ?? ''))
    if (Number.isNaN(date)) return { found: 'the server does not say what time it is', value: undefined }
    const skewMs = date - Date.now()
    const seconds = Math.round(skewMs / 1000)
    const found = `the server's clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}`
    if (Math.abs(skewMs) <= mostSkewMs) return { found, value: undefined }
    const fix =
      'Set the clock on both machines by the domain (w32tm /resync): more than five minutes and Kerberos fails, and logs of the two do not match.'
    if (auth === 'kerberos') throw new ConnectError(`${found}.`, { code: 'CLOCK_SKEW', hint: fix })
    return { found, value: undefined, note: { code: 'CLOCK_SKEW', fix } }
  })
}

/** Is the ticket tied to the server's certificate? Only a logon says so: it takes the ticket's key. */
export async function lookAtBinding(way: Way, server: InventoryServer, secrets: Secrets): Promise<void> {
  await way.look('binding', async () => {
    const channel = await Channel.open(await readTarget(server, secrets))
    channel.close()
    const { unbound } = channel
    if (unbound === undefined) return { found: "the ticket is bound to the server's certificate", value: undefined }
    const fix = `${unbound.fix} Without one a server with CbtHardeningLevel=Strict takes no ticket over HTTPS.`
    return { found: `no channel binding: ${unbound.why}`, value: undefined, note: { code: 'KERBEROS_UNBOUND', fix } }
  })
}

/** An empty POST with nothing of a logon in it. OMI answers it only when it names a scheme. */
async function askWithoutLogon(server: InventoryServer, secrets: Secrets): Promise<HttpAnswer> {
  const { host, port } = server
  const tls = await readTls(server, secrets)
  const target = { host, port, timeoutMs: lookMs, ...(tls !== undefined && { tls }) }
  const dialed = await dial(target)
  try {
    return await postNothing(dialed, server, { timeoutMs: lookMs / 2 })
  } catch (error) {
    if (!(error instanceof HttpConnectionError)) throw error
    if (error.kind === 'timeout') {
      const answer = await postNothing(await dial(target), server, { authorization: 'Negotiate' }).catch(
        () => undefined,
      )
      if (answer !== undefined) return answer
    }
    throw await whySilent(error, server, dialed)
  }
}

async function postNothing(
  { socket }: Dialed,
  { host, port }: InventoryServer,
  { authorization, timeoutMs = lookMs }: { authorization?: string; timeoutMs?: number },
): Promise<HttpAnswer> {
  const http = new HttpConnection(socket, { host, port, path: '/wsman' })
  try {
    const headers = {
      'Content-Type': 'application/soap+xml;charset=UTF-8',
      ...(authorization !== undefined && { Authorization: authorization }),
    }
    return await http.post(headers, Buffer.alloc(0), { timeoutMs, limitBytes: 256 * 1024 })
  } finally {
    http.close()
  }
}

/** The port is open, and what answers does not speak HTTP. */
async function whySilent(
  error: HttpConnectionError,
  { host, port }: InventoryServer,
  { certificate }: Dialed,
): Promise<ConnectError> {
  const where = `${host}:${port}`
  if (certificate === undefined) {
    const [tls, greeting] = await Promise.all([speaksTls(host, port), readGreeting(host, port)])
    if (tls) {
      return new ConnectError(`${where} speaks TLS.`, { code: 'SCHEME_WRONG', hint: 'Write winrm: { scheme: https }.' })
    }
    if (greeting !== undefined) return greeted(where, greeting)
  }
  if (error.cause instanceof Error && /certificate required/.test(tlsReason(error.cause))) {
    return new ConnectError(`${where} wants a certificate of whoever connects.`, {
      code: 'CLIENT_CERTIFICATE_WANTED',
      hint: 'Write winrm: { scheme: https, auth: certificate } with a credential that has one (key: { file: PEM }), or turn it off on the server: netsh http show sslcert shows "Negotiate Client Certificate".',
    })
  }
  if (error.kind === 'timeout') {
    return new ConnectError(`${where} accepts the connection and answers nothing.`, {
      code: 'CONNECT_TIMEOUT',
      hint: 'Is it the port of WinRM (winrm enumerate winrm/config/listener)? If so, Restart-Service WinRM on the server, or a device on the way answers in its place.',
    })
  }
  return new ConnectError(`${where} does not answer as a web server does: ${error.message}.`, {
    code: 'NOT_WSMAN',
    hint: 'Is it the port of WinRM (winrm enumerate winrm/config/listener), and does no device in between end the connection?',
  })
}

/** No handshake was done: is there another protocol? A certificate that was refused speaks for itself. */
async function whyNoTls(error: unknown, server: InventoryServer): Promise<unknown> {
  if (!(error instanceof ConnectError) || !handshakeCodes.includes(error.code)) return error
  const { host, port } = server
  const where = `${host}:${port}`
  const [plain, greeting] = await Promise.all([speaksPlainHttp(host, port), readGreeting(host, port)])
  if (greeting !== undefined) return greeted(where, greeting)
  return plain ? plainHttp(where) : error
}

const handshakeCodes = ['TLS_FAILED', 'CONNECT_FAILED', 'CONNECT_TIMEOUT']
function plainHttp(where: string): ConnectError {
  return new ConnectError(`${where} speaks HTTP without TLS.`, {
    code: 'SCHEME_WRONG',
    hint: 'Write winrm: { scheme: http } with auth: negotiate, which seals every message, or name the HTTPS port (5986).',
  })
}

function greeted(where: string, greeting: string): ConnectError {
  return new ConnectError(`${where} is ${greeter(greeting)}, no WinRM listener.`, {
    code: 'NOT_WSMAN',
    hint: greeting.startsWith('SSH-')
      ? 'Write transport: ssh, or the port of WinRM: 5985 for HTTP, 5986 for HTTPS.'
      : 'Write the port of WinRM: 5985 for HTTP, 5986 for HTTPS; winrm enumerate winrm/config/listener on the server shows it.',
  })
}
