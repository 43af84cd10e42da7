import { ConnectError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { offeredSchemes } from '../transport/winrm/auth/offered.js'
import { Channel } from '../transport/winrm/channel/channel.js'
import { ChannelPool } from '../transport/winrm/channel/channel-pool.js'
import { type Dialed, dial } from '../transport/winrm/http/dial.js'
import { type HttpAnswer, HttpConnection, HttpConnectionError } from '../transport/winrm/http/http-connection.js'
import { subjectOf } from '../transport/winrm/http/tls-trust.js'
import { readTarget, readTls } from '../transport/winrm/target.js'
import { FaultError, WsmanClient } from '../transport/winrm/wsman/client.js'
import { readServiceConfig } from '../transport/winrm/wsman/service-config.js'
import type { Way } from './hop.js'
import { lookMs } from './network.js'

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
        throw (await speaksPlainHttp(server)) ? plainHttp(where) : error
      })
      socket.destroy()
      if (certificate === undefined) throw new ConnectError(`${where} shows no certificate.`, { code: 'TLS_UNTRUSTED' })
      const names = certificate.subjectAltName ?? subjectOf(certificate)
      const found = `${names}; until ${certificate.validTo}; SHA-256 ${certificate.fingerprint256}`
      const fix = { code: 'TLS_UNVERIFIED', fix: 'Pin it with winrm.fingerprint instead of certificate_check.' }
      return { found, value: undefined, ...(winrm.unverified === true && { note: fix }) }
    })
  }
  const answer = await way.look('offered', async () => {
    const value = await askWithoutLogon(server, secrets)
    const offered = offeredSchemes(value)
    refuseOtherServer(value, where)
    const wanted = { negotiate: 'negotiate', kerberos: 'negotiate|kerberos', basic: 'basic', certificate: '' }[auth]
    if (wanted !== '' && !offered.some(name => new RegExp(`^(?:${wanted})$`, 'i').test(name))) {
      throw notOffered(where, auth, offered)
    }
    const asks = value.status === 401 ? 'asks for a logon' : `answers HTTP ${value.status} without a logon`
    return { found: `${asks}; takes ${offered.join(', ') || 'certificates only'}`, value }
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

/** What the service allows at once, which only administrators may read. */
export async function lookAtQuotas(way: Way, server: InventoryServer, secrets: Secrets): Promise<void> {
  await way.look('quotas', async () => {
    const target = await readTarget(server, secrets)
    const pool = new ChannelPool(signal => Channel.open(target, signal))
    const where = `${server.host}:${server.port}`
    const url = `${server.winrm.scheme ?? 'http'}://${where}/wsman`
    try {
      const config = await readServiceConfig(new WsmanClient({ pool, url, where }))
      const of = (name: string): string => `${name.slice(name.lastIndexOf('/') + 1)} ${config.get(name) ?? 'unknown'}`
      const found = [
        'MaxEnvelopeSizekb',
        'Service/MaxConcurrentOperationsPerUser',
        'Winrs/MaxShellsPerUser',
        'Winrs/MaxProcessesPerShell',
      ].map(of)
      const fewShells = Number(config.get('Winrs/MaxShellsPerUser') ?? 30) < 3
      const fix = 'winrm set winrm/config/winrs @{MaxShellsPerUser="30"}: one run has two shells open now and then.'
      return { found: found.join(', '), value: undefined, ...(fewShells && { note: { code: 'QUOTA_SHELLS', fix } }) }
    } catch (error) {
      if (!(error instanceof FaultError)) throw error
      const fix = 'It needs the rights of an administrator; exroll does without and sends smaller messages.'
      return { found: error.message, value: undefined, note: { code: 'QUOTAS_UNKNOWN', fix } }
    } finally {
      pool.close()
    }
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
    const tls = await dial({ host, port, timeoutMs: lookMs, tls: { trust: { unverified: true } } }).catch(
      () => undefined,
    )
    if (tls !== undefined) {
      tls.socket.destroy()
      return new ConnectError(`${where} speaks TLS.`, { code: 'SCHEME_WRONG', hint: 'Write winrm: { scheme: https }.' })
    }
  }
  return new ConnectError(`${where} does not answer as a web server does: ${error.message}.`, {
    code: error.kind === 'timeout' ? 'CONNECT_TIMEOUT' : 'NOT_WSMAN',
    hint: 'Is it the port of WinRM (winrm enumerate winrm/config/listener), and does no device in between end the connection?',
  })
}

async function speaksPlainHttp({ host, port }: InventoryServer): Promise<boolean> {
  try {
    const { socket } = await dial({ host, port, timeoutMs: lookMs })
    const http = new HttpConnection(socket, { host, port, path: '/wsman' })
    const answer = await http.post({}, Buffer.alloc(0), { timeoutMs: lookMs, limitBytes: 256 * 1024 })
    http.close()
    return answer.status > 0
  } catch (error) {
    if (error instanceof HttpConnectionError || error instanceof ConnectError) return false
    throw error
  }
}

function plainHttp(where: string): ConnectError {
  return new ConnectError(`${where} speaks HTTP without TLS.`, {
    code: 'SCHEME_WRONG',
    hint: 'Write winrm: { scheme: http } with auth: negotiate, which seals every message, or name the HTTPS port (5986).',
  })
}

function refuseOtherServer({ status, headers }: HttpAnswer, where: string): void {
  if (status === 401 || status === 200) return
  const software = headers.server === undefined ? '' : ` by ${headers.server}`
  const to = headers.location === undefined ? '' : ` to ${headers.location}`
  throw new ConnectError(`${where} answers HTTP ${status}${to}${software} where a WinRM listener asks for a logon.`, {
    code: status >= 300 && status < 400 ? 'WINRM_REDIRECT' : 'NOT_WSMAN',
    hint: 'Is it the port of WinRM and not that of a web site? winrm enumerate winrm/config/listener shows port and URL prefix.',
  })
}

function notOffered(where: string, auth: string, offered: readonly string[]): ConnectError {
  const name = `${auth.charAt(0).toUpperCase()}${auth.slice(1)}`
  return new ConnectError(
    `${where} does not take ${name}; it takes ${offered.join(', ') || 'nothing that it names'}.`,
    {
      code: 'SCHEME_NOT_OFFERED',
      hint: `Allow it: winrm set winrm/config/service/auth @{${name}="true"}; or choose winrm.auth among what it takes.`,
    },
  )
}
