import { randomUUID } from 'node:crypto'
import { TransferError } from '../../../errors.js'
import type { SendOptions, WsmanAnswer } from '../channel/channel.js'
import type { ChannelPool } from '../channel/channel-pool.js'
import { type FaultName, faultName, readFault, type WsmanFault } from '../soap/fault.js'
import { type Envelope, EnvelopeError, readEnvelope } from '../soap/read.js'
import { type EnvelopeText, type RequestHeader, writeEnvelope, type XmlElement } from '../soap/write.js'

/** The server did not do what it was asked, and said why. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
  readonly fault: WsmanFault

  constructor(fault: WsmanFault) {
    super(fault.reason)
    this.fault = fault
  }

  /** Which fault it is; undefined when nothing here has to know. */
  get kind(): FaultName | undefined {
    return faultName(this.fault)
  }
}

/** Whether `error` is one of these faults. */
export function isFault(error: unknown, ...kinds: readonly FaultName[]): error is FaultError {
  return error instanceof FaultError && error.kind !== undefined && kinds.includes(error.kind)
}

export interface WsmanRequest
  extends Pick<RequestHeader, 'action' | 'resourceUri' | 'selectors' | 'options'>,
    Partial<Pick<RequestHeader, 'maxEnvelopeSize' | 'operationTimeoutMs'>> {
  body?: XmlElement
  signal?: AbortSignal | undefined
}

/** What every client sends and every Windows takes (winrm.md, "Sizes and quotas"). */
export const defaultEnvelopeBytes = 153_600
/** As in recorded traffic; a server cuts a longer one to its MaxTimeoutms of 60 s (MS-WSMV 3.1.4.1.6). */
export const defaultOperationTimeoutMs = 20_000
/** How much longer than the server may take its answer is waited for. */
const answerGraceMs = 10_000

/** An answer of which only the status is known yet. */
interface Unread {
  answer: WsmanAnswer
  /** Of the request. */
  messageId: string
}

export interface WsmanClientOptions {
  pool: ChannelPool
  /** URL of the listener. */
  url: string
  /** `host:port`, for messages. */
  where: string
  /** Milliseconds after which the server answers whatever it has. */
  operationTimeoutMs?: number
  /** Milliseconds more that its answer is waited for; default 10 s. */
  answerGraceMs?: number
}

/** Requests of WS-Management and their answers, matched by message id. */
export class WsmanClient {
  readonly where: string
  readonly #options: WsmanClientOptions
  readonly #sessionId = newId()

  constructor(options: WsmanClientOptions) {
    this.where = options.where
    this.#options = options
  }

  /**
   * Sends one request and returns its answer. Throws `FaultError`, `HttpConnectionError` when no answer came, and `ToolError`s:
   * `ANSWER_INVALID` and those of `Channel`.
   */
  async request(request: WsmanRequest): Promise<Envelope> {
    const { envelope, messageId, options } = this.#write(request)
    const answer = await this.#options.pool.use(channel => channel.send(envelope, options), request.signal)
    return this.#check(answer, messageId)
  }

  /**
   * Sends requests one after the other over one connection. The next one is asked for, written and sealed while the server works on
   * the one before, and sent once that was answered; `onAnswer` hears of each answer. Ends with the first error, as `request` throws it.
   */
  async sequence(requests: AsyncIterable<WsmanRequest>, onAnswer: () => void): Promise<void> {
    await this.#options.pool.use(async channel => {
      let before: Promise<Unread> | undefined
      const read = ({ answer, messageId }: Unread): void => {
        this.#check(answer, messageId)
        onAnswer()
      }
      for await (const request of requests) {
        const { envelope, messageId, options } = this.#write(request)
        const prepared = await channel.prepare(envelope)
        const last = await before
        // A fault never has this status (SOAP 1.2 part 2, 7.5.2.2): what else the answer says is read while this one is on its way.
        const isSurelyTaken = last?.answer.status === 200
        if (last !== undefined && !isSurelyTaken) read(last)
        const sent = new Promise<void>(onSent => {
          before = channel.post(prepared, { ...options, onSent }).then(answer => ({ answer, messageId }))
        })
        // The server has it whole before the next one is made: else it would wait for the rest meanwhile. A failure is seen above.
        await Promise.race([sent, before?.catch(() => undefined)])
        if (last !== undefined && isSurelyTaken) read(last)
      }
      const last = await before
      if (last !== undefined) read(last)
    })
  }

  #write({ body, signal, ...header }: WsmanRequest): {
    envelope: EnvelopeText
    messageId: string
    options: SendOptions
  } {
    const messageId = newId()
    const { maxEnvelopeSize = defaultEnvelopeBytes } = header
    const operationTimeoutMs =
      header.operationTimeoutMs ?? this.#options.operationTimeoutMs ?? defaultOperationTimeoutMs
    const envelope = writeEnvelope(
      { ...header, messageId, maxEnvelopeSize, operationTimeoutMs, to: this.#options.url, sessionId: this.#sessionId },
      body,
    )
    const options = {
      timeoutMs: operationTimeoutMs + (this.#options.answerGraceMs ?? answerGraceMs),
      limitBytes: maxEnvelopeSize * 2 + 65_536,
      signal,
    }
    return { envelope, messageId, options }
  }

  #check(answer: WsmanAnswer, messageId: string): Envelope {
    const envelope = this.#read(answer.envelope)
    const fault = readFault(envelope.body)
    // Some services leave it out; the connection says then what is answered.
    const { relatesTo = messageId } = envelope
    if (!same(relatesTo, messageId)) throw this.#invalid('it answers another message')
    if (fault !== undefined) throw new FaultError(fault)
    if (answer.status !== 200) throw this.#invalid(`HTTP ${answer.status} without a fault`)
    return envelope
  }

  #read(message: Buffer): Envelope {
    try {
      return readEnvelope(message)
    } catch (error) {
      if (error instanceof EnvelopeError) throw this.#invalid(error.message)
      throw error
    }
  }

  #invalid(why: string): TransferError {
    return new TransferError(`The answer of ${this.where} is not one of WS-Management: ${why}.`, {
      code: 'ANSWER_INVALID',
      hint: 'Is it a WinRM listener, and does nothing between here and the server change what is sent?',
    })
  }
}

function newId(): string {
  return `uuid:${randomUUID().toUpperCase()}`
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
