import { AuthError, ConnectError } from '../errors.js'
import type { WinrmOptions } from '../inventory/model.js'
import { offeredSchemes } from '../transport/winrm/auth/offered.js'
import type { HttpAnswer } from '../transport/winrm/http/http-connection.js'

type Auth = NonNullable<WinrmOptions['auth']>

/** The schemes by which each `winrm.auth` can log on. */
const schemesOf: Readonly<Record<Auth, readonly string[]>> = {
  negotiate: ['negotiate', 'ntlm'],
  kerberos: ['negotiate', 'kerberos'],
  basic: ['basic'],
  certificate: [],
}

/** What an inventory would say instead, by what the server takes. */
const alternatives: Readonly<Record<string, string>> = {
  negotiate: 'winrm: { auth: negotiate }',
  kerberos: 'winrm: { auth: kerberos }',
  basic: 'winrm: { scheme: https, auth: basic }',
}

const listeners = 'winrm enumerate winrm/config/listener on the server shows ports and URL prefixes'
/** Of Windows' own HTTP service, in front of WinRM, IIS and others. */
const httpSys = /^Microsoft-HTTPAPI/i

/** Why what answered without a logon is not the listener that `auth` needs, or that any would do with; undefined when it is. */
export function wrongAnswer(
  answer: HttpAnswer,
  where: string,
  auth: Auth | undefined,
): ConnectError | AuthError | undefined {
  const { status } = answer
  if (status !== 401 && !(status === 200 && auth === 'certificate')) return otherServer(answer, where)
  const wanted = auth === undefined ? Object.values(schemesOf).flat() : schemesOf[auth]
  const offered = offeredSchemes(answer)
  if (wanted.length === 0 || offered.some(name => wanted.includes(name.toLowerCase()))) return undefined
  return isForeign(answer) ? foreignLogon(answer, where, offered) : notOffered(where, auth ?? 'negotiate', offered)
}

function otherServer({ status, headers, body }: HttpAnswer, where: string): ConnectError {
  const software = headers.server === undefined ? '' : ` by ${headers.server}`
  const to = headers.location === undefined ? '' : ` to ${headers.location}`
  const page = status === 200 && body.length > 0 ? ' with a page' : ''
  return new ConnectError(
    `${where} answers HTTP ${status}${to}${software}${page} where a WinRM listener asks for a logon.`,
    {
      code: status === 407 ? 'PROXY_LOGON' : status >= 300 && status < 400 ? 'WINRM_REDIRECT' : 'NOT_WSMAN',
      hint: hintOf(status, httpSys.test(String(headers.server ?? ''))),
    },
  )
}

function hintOf(status: number, byHttpSys: boolean): string {
  if (status === 407) {
    return 'A proxy on the way wants a logon of its own. exroll asks for none: let the port through to the server without it.'
  }
  if (status === 502 || status === 504) {
    return 'A proxy or load balancer on the way does not get to the server. Name the server itself, or repair the way behind it.'
  }
  if (byHttpSys && status === 503) {
    return 'The port is that of WinRM, and the service does not answer: Restart-Service WinRM on the server, and look at its event log Microsoft-Windows-WinRM/Operational.'
  }
  if (byHttpSys && status === 400) {
    return `Its listener is for another host name: make one for all (winrm create winrm/config/Listener?Address=*+Transport=HTTP), or name the host as the listener does; ${listeners}.`
  }
  if (byHttpSys && status === 404) {
    return `No WinRM listener is on this port: winrm quickconfig on the server makes one; ${listeners}, IPv4Filter in winrm get winrm/config/service the addresses it listens on.`
  }
  return `It is a web site, or something on the way that answers in place of the server: is it the port of WinRM? ${listeners}.`
}

/** WinRM calls its realm WSMAN, and is behind HTTP.sys; OMI does not say who it is. */
function isForeign({ headers }: HttpAnswer): boolean {
  const { server } = headers
  return (
    server !== undefined && !httpSys.test(String(server)) && !/realm="?WSMAN/i.test(headers['www-authenticate'] ?? '')
  )
}

function foreignLogon({ headers }: HttpAnswer, where: string, offered: readonly string[]): ConnectError {
  const takes = offered.length === 0 ? '' : `, and takes ${offered.join(', ')}`
  return new ConnectError(`${where} is ${headers.server}${takes}: not a WinRM listener.`, {
    code: 'NOT_WSMAN',
    hint: `Is it the right host, and the port of WinRM? ${listeners}.`,
  })
}

function notOffered(where: string, auth: Auth, offered: readonly string[]): AuthError {
  const name = `${auth.charAt(0).toUpperCase()}${auth.slice(1)}`
  const takes = offered.length === 0 ? 'asks for a logon and names no scheme' : `takes ${offered.join(', ')}`
  const others = offered.map(one => alternatives[one.toLowerCase()]).filter(one => one !== undefined)
  const instead = others.length === 0 ? '' : `; or write ${others.join(' or ')}`
  const credSsp =
    others.length === 0 && offered.some(one => /^credssp$/i.test(one)) ? ' exroll does not log on by CredSSP.' : ''
  return new AuthError(`${where} does not take ${name}: it ${takes}.`, {
    code: 'SCHEME_NOT_OFFERED',
    hint: `Allow it on the server: winrm set winrm/config/service/auth @{${name}="true"}${instead}.${credSsp}`,
  })
}
