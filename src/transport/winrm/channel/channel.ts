import { AuthError } from '../../../errors.js'
import type { Logon, LogonMethod, Unbound } from '../auth/logon.js'
import { type DialTarget, dial } from '../http/dial.js'
import { type HttpAnswer, HttpConnection, HttpConnectionError } from '../http/http-connection.js'
import { isSealed, readSealedBody, SealedBodyError, sealEnvelope, sealedContentType } from '../sealing/sealed-body.js'
import type { Sealing } from '../sealing/sealing.js'
import type { EnvelopeText } from '../soap/write.js'
import {
  isSoap,
  logonCut,
  logonUnjudged,
  notSoap,
  signatureInvalid,
  statusProblem,
  tooLarge,
  unsealedAnswer,
} from './answer-problem.js'

export interface ChannelTarget extends DialTarget {
  /** `/wsman` */
  path: string
  method: LogonMethod
  username: string
  credentialName: string
  /** Over HTTP, without sealing: the inventory says that it may be. */
  clearText: boolean
  /** What ties a session's connections to one server behind a load balancer. */
  affinity?: Affinity
}

/** The cookie MS-WSMAN of the server that answered first (MS-WSMV 3.1.4.1.31.4). */
export interface Affinity {
  cookie?: string
}

export interface SendOptions {
  /** Milliseconds until the whole answer has to be there. */
  timeoutMs: number
  /** An answer with more bytes is not read. */
  limitBytes: number
  signal?: AbortSignal | undefined
  /** Called once the whole message was handed to the system. */
  onSent?: () => void
}

export interface WsmanAnswer {
  status: number
  /** The SOAP envelope, opened and its signature checked where the connection seals. */
  envelope: Buffer
}

/** A message as it goes over the wire. */
export interface PreparedMessage {
  headers: Record<string, string>
  body: Buffer
}

const soapType = 'application/soap+xml;charset=UTF-8'
/** An answer to a logon is a page of words at most. */
const logonLimitBytes = 256 * 1024
/** A message of so many bytes is large: memory for it is used again. */
const roomBytes = 64 * 1024

/** One authenticated HTTP connection to a WinRM listener. Messages go out and come in sealed where it is not TLS. */
export class Channel {
  readonly where: string
  readonly #http: HttpConnection
  readonly #logon: Logon
  readonly #target: ChannelTarget
  readonly #indented: boolean
  #unsent = 0
  /** Where the last large message stood, once it is sent: the next one has room there. */
  #room: Buffer | undefined

  private constructor(http: HttpConnection, logon: Logon, target: ChannelTarget, isWindows: boolean) {
    this.where = whereOf(target)
    this.#http = http
    this.#logon = logon
    this.#target = target
    this.#indented = isWindows
  }

  /** Connects and logs on. Throws `ConnectError` or `AuthError`; aborts with the signal's reason. */
  static async open(target: ChannelTarget, signal?: AbortSignal): Promise<Channel> {
    const where = whereOf(target)
    const { socket, certificate } = await dial(target, signal)
    const http = new HttpConnection(socket, { host: target.host, port: target.port, path: target.path })
    const limits = { timeoutMs: target.timeoutMs, limitBytes: logonLimitBytes, signal }
    let isWindows = false
    try {
      const logon = await target.method.logOn({
        where,
        host: target.host,
        certificate,
        async ask(authorization) {
          const headers = { Authorization: authorization, 'Content-Type': soapType }
          const answer = await http.post(headers, Buffer.alloc(0), limits)
          // HTTP.sys says both with every answer, OMI neither.
          isWindows ||= answer.headers.date !== undefined || answer.headers.server !== undefined
          const unjudged = logonUnjudged(answer, { ...target, where, tried: target.method.name })
          if (unjudged !== undefined) throw unjudged
          return answer
        },
      })
      if (target.tls === undefined && logon.sealing === undefined && !target.clearText) {
        throw new AuthError(`${target.method.name} over HTTP would send everything to ${where} in clear text.`, {
          code: 'NOT_SEALED',
          hint: 'Use scheme: https, or auth: negotiate, which seals every message.',
        })
      }
      return new Channel(http, target.tls === undefined ? logon : withoutSealing(logon), target, isWindows)
    } catch (error) {
      http.close()
      if (error instanceof HttpConnectionError) throw logonCut(where, error, target.timeoutMs)
      throw error
    }
  }

  get usable(): boolean {
    // What was sealed and not sent has used up its place in the sequence.
    return this.#unsent === 0 && this.#http.usable
  }

  /** Why its logon is not tied to the server's certificate, where it could be. */
  get unbound(): Unbound | undefined {
    return this.#logon.unbound
  }

  /** Sends one envelope. Throws `HttpConnectionError` when no answer came, else `ToolError`s that name what is wrong with it. */
  async send(envelope: EnvelopeText, options: SendOptions): Promise<WsmanAnswer> {
    return this.post(await this.prepare(envelope), options)
  }

  /** Writes and seals an envelope, which has to be posted before the next one is. */
  async prepare(envelope: EnvelopeText): Promise<PreparedMessage> {
    this.#unsent += 1
    const { sealing, authorization } = this.#logon
    const headers = {
      'Content-Type': sealing === undefined ? soapType : sealedContentType(sealing.protocol),
      ...(authorization !== undefined && { Authorization: authorization }),
      ...(this.#target.affinity?.cookie !== undefined && { Cookie: this.#target.affinity.cookie }),
    }
    if (sealing === undefined) return { headers, body: envelope.toBuffer() }
    const frame = { protocol: sealing.protocol, indented: this.#indented }
    const room = this.#room
    this.#room = undefined
    return { headers, body: await sealEnvelope(envelope, sealing, frame, room) }
  }

  /** Sends what `prepare` made. Throws as `send` does. */
  async post({ headers, body }: PreparedMessage, options: SendOptions): Promise<WsmanAnswer> {
    this.#unsent -= 1
    const onSent = (): void => {
      if (body.length >= roomBytes) this.#room = body
      options.onSent?.()
    }
    const answer = await this.#http.post(headers, body, { ...options, onSent }).catch((error: unknown) => {
      throw error instanceof HttpConnectionError && error.kind === 'too-large' ? tooLarge(this.where, error) : error
    })
    this.#keepAffinity(answer)
    try {
      return { status: answer.status, envelope: await this.#read(answer) }
    } catch (error) {
      // Keys and numbers of the two sides may no longer agree.
      this.close()
      throw error
    }
  }

  /** Nobody sends for a while: gives back the memory of large messages, of which hundreds of connections would have a lot. */
  rest(): void {
    this.#room = undefined
  }

  close(): void {
    this.#http.close()
  }

  #keepAffinity({ headers }: HttpAnswer): void {
    const cookie = headers['set-cookie']?.find(one => one.startsWith('MS-WSMAN='))
    if (cookie !== undefined && this.#target.affinity !== undefined) {
      this.#target.affinity.cookie = cookie.slice(0, cookie.includes(';') ? cookie.indexOf(';') : undefined)
    }
  }

  async #read(answer: HttpAnswer): Promise<Buffer> {
    const { sealing } = this.#logon
    const type = String(answer.headers['content-type'] ?? '')
    if (sealing !== undefined && isSealed(type)) return this.#unseal(answer.body, type, sealing)
    const refusal = statusProblem(answer, { ...this.#target, where: this.where, tried: this.#target.method.name })
    if (refusal !== undefined) throw refusal
    if (sealing !== undefined) throw unsealedAnswer(this.where)
    if (!isSoap(type)) throw notSoap(this.where, answer.status, type)
    return answer.body
  }

  async #unseal(body: Buffer, type: string, sealing: Sealing): Promise<Buffer> {
    try {
      const { plainBytes, ...sealed } = readSealedBody(body, type)
      const plain = await sealing.open(sealed)
      if (plain === undefined) throw new SealedBodyError('its signature is wrong')
      const padding = plainBytes - plain.length
      if (padding < 0 || padding > sealing.mostPadding) throw new SealedBodyError('it has another length than it says')
      return plain
    } catch (error) {
      if (!(error instanceof SealedBodyError)) throw error
      throw signatureInvalid(this.where, error)
    }
  }
}

function whereOf({ host, port }: { host: string; port: number }): string {
  return `${host}:${port}`
}

function withoutSealing({ authorization, unbound }: Logon): Logon {
  return { ...(authorization !== undefined && { authorization }), ...(unbound !== undefined && { unbound }) }
}
