import { ConnectError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { offeredSchemes } from '../transport/winrm/auth/offered.js'
import { Channel } from '../transport/winrm/channel/channel.js'
import { type Dialed, dial } from '../transport/winrm/http/dial.js'
import { type HttpAnswer, HttpConnection, HttpConnectionError } from '../transport/winrm/http/http-connection.js'
import { readTarget, readTls } from '../transport/winrm/target.js'
import { lookAtCertificate } from './certificate.js'
import type { Way } from './hop.js'
import { lookMs } from './network.js'
import { whySilent } from './no-listener.js'
import { wrongAnswer } from './web-answer.js'

/** Kerberos refuses a ticket when the clocks differ by more (its default). */
const mostSkewMs = 5 * 60_000

/**
 * What a WinRM listener shows before anybody logs on: its certificate, the schemes it takes, its clock. `stranger`: no inventory says how it
 * has to be, so a certificate that is not trusted is worth a word, and any scheme is as good as another.
 */
export async function lookAtListener(
  way: Way,
  server: InventoryServer,
  secrets: Secrets,
  { stranger = false }: { stranger?: boolean } = {},
): Promise<void> {
  const { host, port, winrm } = server
  const { scheme = 'http', auth = 'negotiate' } = winrm
  const where = `${host}:${port}`
  if (scheme === 'https') await lookAtCertificate(way, server, secrets, stranger)
  const answer = await way.look('offered', async () => {
    const asked = stranger ? { ...server, winrm: { ...winrm, unverified: true } } : server
    const value = await askWithoutLogon(asked, secrets)
    const wrong = wrongAnswer(value, where, stranger ? undefined : auth)
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
    throw await whySilent(error, server, dialed.certificate !== undefined)
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
