import { ConnectError } from '../errors.js'
import { dial } from '../transport/winrm/http/dial.js'
import { HttpConnection, HttpConnectionError } from '../transport/winrm/http/http-connection.js'

/** A second look at a port that did not answer as it should, in milliseconds. */
const secondLookMs = 3000

/** Does a port answer a TLS handshake, whatever its certificate? */
export async function speaksTls(host: string, port: number): Promise<boolean> {
  const tls = { trust: { unverified: true } }
  const dialed = await dial({ host, port, timeoutMs: secondLookMs, tls }).catch(() => undefined)
  dialed?.socket.destroy()
  return dialed !== undefined
}

/** Does a port answer a request of HTTP, whatever it says? */
export async function speaksPlainHttp(host: string, port: number): Promise<boolean> {
  try {
    const { socket } = await dial({ host, port, timeoutMs: secondLookMs })
    const http = new HttpConnection(socket, { host, port, path: '/wsman' })
    const answer = await http.post({}, Buffer.alloc(0), { timeoutMs: secondLookMs, limitBytes: 256 * 1024 })
    http.close()
    return answer.status > 0
  } catch (error) {
    if (error instanceof HttpConnectionError || error instanceof ConnectError) return false
    throw error
  }
}
