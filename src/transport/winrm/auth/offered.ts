import type { X509Certificate } from 'node:crypto'
import { AuthError } from '../../../errors.js'
import type { HttpAnswer } from '../http/http-connection.js'
import type { Challenger } from '../ntlm/challenger.js'

/** The schemes of an answer's WWW-Authenticate headers, in the server's words. */
export function offeredSchemes({ headers }: Pick<HttpAnswer, 'headers'>): string[] {
  const challenges = (headers['www-authenticate'] ?? '').split(/,(?=\s*[A-Za-z-]+(?:\s|,|$))/)
  const names = challenges.map(challenge => /^\s*([^\s=,]+)(?=\s|,|$)/.exec(challenge)?.[1] ?? '')
  return [...new Set(names.filter(name => name !== ''))]
}

/** The token that came with a scheme. */
export function tokenOf({ headers }: Pick<HttpAnswer, 'headers'>, scheme: string): Buffer | undefined {
  const pattern = new RegExp(`(?:^|[,\\s])${scheme}\\s+([A-Za-z0-9+/]+=*)(?=\\s*(?:,|$))`, 'i')
  const text = pattern.exec(headers['www-authenticate'] ?? '')?.[1]
  return text === undefined ? undefined : Buffer.from(text, 'base64')
}

export interface RefusedLogon {
  where: string
  username: string
  credentialName: string
  /** The scheme in the server's words: `Negotiate`. */
  tried: string
  /** What the server says that it takes. */
  offered: readonly string[]
  overTls: boolean
  /** Who asked for the proof of the password, after NTLM. */
  challenger?: Challenger
  /** The server's, over TLS. */
  certificate?: X509Certificate | undefined
}

/** Why a logon that is tied to the server's certificate may be refused. */
export const bindingOfProxy =
  'Where a proxy ends TLS in between, the channel binding is not the server’s and it refuses everybody (CbtHardeningLevel).'

/** The server took the scheme and said no to who it is: tried once, not again. */
export function logonRefused(refused: RefusedLogon): AuthError {
  const { where, username, tried, offered, challenger } = refused
  const takes = offered.length === 0 ? '' : `; it takes ${offered.join(', ')}`
  const name = challenger === undefined || challenger.computer === '' ? '' : `; it is ${whole(challenger)}`
  return new AuthError(`${where} refused ${username} (tried: ${tried}${takes}${name}).`, {
    code: 'AUTH_FAILED',
    hint: hintFor(refused),
  })
}

function whole({ computer, domain }: Challenger): string {
  return domain === '' || domain === computer ? computer : `${computer} of ${domain}`
}

const mapping =
  'The certificate is mapped to no account there: winrm enumerate winrm/config/service/certmapping shows the mappings (subject, issuer, account), and the account has to be local. Certificate has to be on in winrm get winrm/config/service/auth.'

function hintFor({ credentialName, tried, overTls, challenger, certificate }: RefusedLogon): string {
  if (tried === 'certificate') return mapping
  if (tried === 'basic') {
    return `Check credential ${credentialName}: Basic takes accounts of the server itself, by their name alone, and none of a domain. It was tried once and is not tried again.`
  }
  const bound = overTls && /negotiate|ntlm/i.test(tried) && !isOf(certificate, challenger)
  return (
    `Check credential ${credentialName}: DOMAIN\\user for a domain account, and that it is not locked. It was tried once and is not tried again. ` +
    `Local accounts other than the built-in Administrator get no full logon over the network.${bound ? ` ${bindingWords(challenger)}` : ''}`
  )
}

/** Whoever shows the certificate of the server itself does not stand in between. */
function isOf(certificate: X509Certificate | undefined, challenger: Challenger | undefined): boolean {
  const { dnsName = '', computer = '' } = challenger ?? {}
  return [dnsName, computer].some(name => name !== '' && certificate?.checkHost(name) !== undefined)
}

function bindingWords(challenger: Challenger | undefined): string {
  if (challenger === undefined || challenger.computer === '') return bindingOfProxy
  return `The certificate is not for ${challenger.computer}: ${bindingOfProxy.charAt(0).toLowerCase()}${bindingOfProxy.slice(1)} Go past it, or use scheme: http, which seals every message and binds nothing.`
}

/** The server takes Negotiate and has no challenge for NTLM in it: nothing that a password can be made out of was sent. */
export function ntlmNotTaken(where: string, offered: readonly string[]): AuthError {
  return new AuthError(`${where} takes ${offered.join(', ')}, but no NTLM: it sent no challenge.`, {
    code: 'NTLM_REFUSED',
    hint: 'A policy of the server may refuse it (Network security: Restrict NTLM: Incoming NTLM traffic). Use winrm: { auth: kerberos } with the name of the server in its domain as host.',
  })
}

/** The server does not take the scheme. Nothing that a password can be made out of was sent, unless it is Basic. */
export function schemeNotOffered(where: string, wanted: string, offered: readonly string[]): AuthError {
  const takes = offered.length === 0 ? 'names no scheme' : `takes ${offered.join(', ')}`
  return new AuthError(`${where} does not take ${wanted}: it ${takes}.`, {
    code: 'AUTH_FAILED',
    hint: `Allow it on the server (winrm set winrm/config/service/auth @{${wanted}="true"}), or choose another winrm.auth.`,
  })
}
