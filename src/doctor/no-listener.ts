import { ConnectError } from '../errors.js'
import { tlsReason } from '../transport/winrm/http/dial.js'
import type { HttpConnectionError } from '../transport/winrm/http/http-connection.js'
import { greeter } from './greeting.js'
import { lookMs, silentMs } from './network.js'
import { askWhatIsSpoken } from './second-look.js'

/** Where a listener should be. */
interface Port {
  host: string
  port: number
}

/** The port is open, and what answers does not speak HTTP. */
export async function whySilent(
  error: HttpConnectionError,
  { host, port }: Port,
  overTls: boolean,
): Promise<ConnectError> {
  const where = `${host}:${port}`
  if (!overTls) {
    const patienceMs = error.kind === 'timeout' ? silentMs : lookMs
    const spoken = await askWhatIsSpoken({ host, port, patienceMs, protocols: ['tls', 'other'] })
    if (spoken?.protocol === 'tls') {
      return new ConnectError(`${where} speaks TLS.`, { code: 'SCHEME_WRONG', hint: 'Write winrm: { scheme: https }.' })
    }
    if (spoken?.protocol === 'other') return greeted(where, spoken.greeting)
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
export async function whyNoTls(error: unknown, { host, port }: Port): Promise<unknown> {
  if (!(error instanceof ConnectError) || !handshakeCodes.includes(error.code)) return error
  const where = `${host}:${port}`
  const patienceMs = error.code === 'CONNECT_TIMEOUT' ? silentMs : lookMs
  const spoken = await askWhatIsSpoken({ host, port, patienceMs, protocols: ['http', 'other'] })
  if (spoken?.protocol === 'other') return greeted(where, spoken.greeting)
  return spoken === undefined ? error : plainHttp(where)
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
