import { ConnectError, type ToolError, TransferError } from '../../../errors.js'
import { logonRefused, offeredSchemes, schemeNotOffered } from '../auth/offered.js'
import type { HttpAnswer, HttpConnectionError } from '../http/http-connection.js'

/** Whom a problem is told of. */
export interface AnswerContext {
  /** `host:port` */
  where: string
  path: string
  username: string
  credentialName: string
  /** The logon, as the inventory says it. */
  tried: string
  tls?: unknown
}

/** What an HTTP status says that comes without an envelope; undefined when there may be one. */
export function statusProblem(answer: HttpAnswer, context: AnswerContext): ToolError | undefined {
  const { status, headers, body } = answer
  const { where, path } = context
  if (status === 401) {
    const offered = offeredSchemes(answer)
    const isBasicOff = context.tried === 'basic' && offered.length > 0 && !offered.some(name => /^basic$/i.test(name))
    if (isBasicOff) return schemeNotOffered(where, 'Basic', offered)
    return logonRefused({ ...context, offered, overTls: context.tls !== undefined })
  }
  if (status >= 300 && status < 400) {
    return new TransferError(`${where} redirects to ${String(headers.location ?? 'nowhere')}.`, {
      code: 'WINRM_REDIRECT',
      hint: 'It was not followed, because a logon is for one server. Name the right host and port in the inventory.',
    })
  }
  if (status === 413) {
    return new TransferError(`${where} takes no message of that size (HTTP 413).`, {
      code: 'ENVELOPE_TOO_LARGE',
      hint: 'Raise it on the server: winrm set winrm/config @{MaxEnvelopeSizekb="500"}.',
    })
  }
  if (status === 404) {
    return new TransferError(`${where} knows no ${path} (HTTP 404).`, {
      code: 'NOT_WSMAN',
      hint: 'Is it a WinRM listener? winrm enumerate winrm/config/listener on the server shows port and URL prefix.',
    })
  }
  if (status === 200 || (body.length > 0 && isSoap(String(headers['content-type'] ?? '')))) return undefined
  const nothing = body.length === 0 ? ' and nothing else' : ''
  return new TransferError(`${where} answered with HTTP ${status}${nothing}.`, {
    code: 'HTTP_STATUS',
    hint: isClearText(status, context)
      ? clearTextHint
      : (statusHints[status] ?? 'Look at the event log Microsoft-Windows-WinRM/Operational of the server.'),
  })
}

function isClearText(status: number, { tried, tls }: AnswerContext): boolean {
  return status === 500 && tried === 'basic' && tls === undefined
}

/** All that Windows says to Basic over HTTP where AllowUnencrypted is false. */
const clearTextHint =
  'The server may refuse what is not encrypted (AllowUnencrypted is false, and may stay so): use auth: negotiate, which seals every message, or scheme: https.'
const onTheWay = 'Something on the way answered for the server: does a proxy or load balancer stand before it?'
/** What HTTP.sys, or somebody on the way, says before WinRM sees anything. */
const statusHints: Readonly<Record<number, string>> = {
  400: 'It could not read the request: a header longer than MaxFieldLength (a Kerberos ticket of an account in very many groups, KB2020943), a sealed message that it could not open, or another program on this port.',
  403: 'It forbids this address or this way: IPv4Filter and IPv6Filter (winrm get winrm/config/service), or a web server that wants HTTPS.',
  407: `${onTheWay} That one wants a logon of its own.`,
  502: onTheWay,
  503: 'The WinRM service does not take requests now. Is it running (sc query winrm), or is the server starting or shutting down? Try again later.',
  504: onTheWay,
}

/** An envelope, also under the types that other XML goes by. */
export function isSoap(contentType: string): boolean {
  return /^(application\/soap\+xml|(application|text)\/xml)\b/i.test(contentType)
}

export function notSoap(where: string, status: number, contentType: string): TransferError {
  return new TransferError(`${where} answered with HTTP ${status} and ${contentType || 'no content type'}.`, {
    code: 'NOT_WSMAN',
    hint: 'Is it a WinRM listener, or a web server or proxy on the way?',
  })
}

export function unsealedAnswer(where: string): TransferError {
  return new TransferError(`${where} answered without a signature.`, {
    code: 'UNSEALED_ANSWER',
    hint: 'Nothing of it was believed. Something between here and the server changes what is sent, or it is not WinRM.',
  })
}

export function signatureInvalid(where: string, cause: Error): TransferError {
  return new TransferError(`The sealed answer of ${where} cannot be trusted: ${cause.message}.`, {
    code: 'SIGNATURE_INVALID',
    hint: 'Nothing of it was believed. Something between here and the server changes what is sent.',
    cause,
  })
}

export function tooLarge(where: string, error: HttpConnectionError): TransferError {
  return new TransferError(`${where} sent ${error.message}, which was not asked for.`, {
    code: 'ANSWER_TOO_LARGE',
    hint: 'Is it a WinRM listener, and does nothing between here and the server change what is sent?',
    cause: error,
  })
}

/** Why nobody has judged a logon: whatever the server says but 401 is no word about the account. Undefined when somebody has. */
export function logonUnjudged(answer: HttpAnswer, context: AnswerContext): ConnectError | undefined {
  const problem = answer.status === 401 ? undefined : statusProblem(answer, context)
  if (problem === undefined) return undefined
  return new ConnectError(problem.message, {
    code: problem.code,
    ...(problem.hint !== undefined && { hint: problem.hint }),
    cause: problem,
  })
}

export function logonCut(where: string, error: HttpConnectionError, timeoutMs: number): ConnectError {
  if (error.kind === 'timeout') {
    return new ConnectError(`${where} accepted the connection, but no logon within ${timeoutMs} ms.`, {
      code: 'CONNECT_TIMEOUT',
      hint: 'Is it a WinRM listener, and is it overloaded?',
    })
  }
  return new ConnectError(`${where} ended the connection at the logon: ${error.message}.`, {
    code: 'CONNECT_FAILED',
    hint: 'Is it a WinRM listener (winrm enumerate winrm/config/listener)? Over HTTPS check winrm.scheme too.',
    cause: error,
  })
}
