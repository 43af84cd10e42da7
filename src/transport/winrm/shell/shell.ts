import type { Element } from '@xmldom/xmldom'
import { TransferError } from '../../../errors.js'
import { actions, commandDone, resources, signals } from '../soap/names.js'
import { bytesOf, child, children, descendant, textOf } from '../soap/read.js'
import type { RequestOption, XmlElement } from '../soap/write.js'
import { durationText } from '../soap/write.js'
import { isFault, type WsmanClient, type WsmanRequest } from '../wsman/client.js'

export interface ShellOptions {
  workingDirectory?: string
  environment?: Readonly<Record<string, string>>
  /** Milliseconds after which the server deletes a shell that nobody uses. */
  idleTimeoutMs?: number
  options?: readonly RequestOption[]
  signal?: AbortSignal | undefined
  /** Called when the server has the shell, and when it is known to have it no longer. */
  onOpened?: (reference: ShellReference) => void
  onEnded?: (reference: ShellReference) => void
}

export interface Received {
  stdout: Buffer
  stderr: Buffer
  done: boolean
  /** 32 unsigned bits; undefined when the answer has none. */
  exitCode: number | undefined
}

/** What a request for this shell names (MS-WSMV 3.1.4.5.2): all of it comes from the server's answer. */
export interface ShellReference {
  resourceUri: string
  selectors: Readonly<Record<string, string>>
}

/** One command shell on a server, `winrs` (MS-WSMV 3.1.4.5 and 3.1.4.11 to 3.1.4.14). */
export class Shell {
  readonly id: string
  readonly #client: WsmanClient
  readonly #reference: ShellReference
  readonly #onEnded: ShellOptions['onEnded']

  /** A shell that is there already. */
  constructor(client: WsmanClient, reference: ShellReference, onEnded?: ShellOptions['onEnded']) {
    this.#client = client
    this.#reference = reference
    this.#onEnded = onEnded
    this.id = reference.selectors.ShellId ?? Object.values(reference.selectors)[0] ?? ''
  }

  /** The same shell through another session. */
  through(client: WsmanClient): Shell {
    return new Shell(client, this.#reference, this.#onEnded)
  }

  /** Throws what `WsmanClient.request` throws. */
  static async create(client: WsmanClient, options: ShellOptions = {}): Promise<Shell> {
    const { workingDirectory, environment, idleTimeoutMs, signal } = options
    const content: XmlElement[] = [
      { name: 'rsp:InputStreams', content: 'stdin' },
      { name: 'rsp:OutputStreams', content: 'stdout stderr' },
    ]
    if (workingDirectory !== undefined) content.push({ name: 'rsp:WorkingDirectory', content: workingDirectory })
    if (idleTimeoutMs !== undefined) content.push({ name: 'rsp:IdleTimeOut', content: durationText(idleTimeoutMs) })
    if (environment !== undefined) {
      const variables = Object.entries(environment).map(
        ([name, value]): XmlElement => ({ name: 'rsp:Variable', attributes: { Name: name }, content: value }),
      )
      content.push({ name: 'rsp:Environment', content: variables })
    }
    const answer = await client.request({
      action: actions.create,
      resourceUri: resources.cmd,
      ...(options.options !== undefined && { options: options.options }),
      body: { name: 'rsp:Shell', content },
      signal,
    })
    const reference = referenceIn(answer.body, client.where)
    options.onOpened?.(reference)
    return new Shell(client, reference, options.onEnded)
  }

  /** Starts a command; `args` are joined by the server. Returns its id. */
  async command(
    line: string,
    args: readonly string[],
    options: readonly RequestOption[],
    signal?: AbortSignal,
  ): Promise<string> {
    const content: XmlElement[] = [
      { name: 'rsp:Command', content: line },
      ...args.map((argument): XmlElement => ({ name: 'rsp:Arguments', content: argument })),
    ]
    const body = { name: 'rsp:CommandLine', content } as const
    const answer = await this.#request({ action: actions.command, options, body, signal })
    const id = answer.map(element => textOf(child(element, 'rsp', 'CommandId'))).find(text => text !== undefined)
    if (id === undefined || id === '') throw incomplete(this.#client.where, 'Command', 'no CommandId')
    return id
  }

  /** Hands `data` to the command's stdin; `end` = there is no more. */
  async send(commandId: string, data: Uint8Array, end: boolean): Promise<void> {
    await this.#client.request(this.#sendRequest(commandId, { data, end }))
  }

  /** Hands pieces to the command's stdin in their order; `onTaken` hears of each once the server has taken it. */
  async sendAll(commandId: string, pieces: AsyncIterable<InputPiece>, onTaken: (bytes: number) => void): Promise<void> {
    const onTheirWay: number[] = []
    const shell = this
    async function* requests(): AsyncGenerator<WsmanRequest> {
      for await (const piece of pieces) {
        onTheirWay.push(piece.data.length)
        yield shell.#sendRequest(commandId, piece)
      }
    }
    await this.#client.sequence(requests(), () => onTaken(onTheirWay.shift() ?? 0))
  }

  /** What the command wrote since the last time. Faults with 2150858793 when it wrote nothing for OperationTimeout. */
  async receive(commandId: string, { maxEnvelopeSize, signal }: ReceiveOptions = {}): Promise<Received> {
    const desired: XmlElement = {
      name: 'rsp:DesiredStream',
      attributes: { CommandId: commandId },
      content: 'stdout stderr',
    }
    const answer = await this.#request({
      action: actions.receive,
      options: [{ name: 'WSMAN_CMDSHELL_OPTION_KEEPALIVE', value: 'True' }],
      body: { name: 'rsp:Receive', content: [desired] },
      ...(maxEnvelopeSize !== undefined && { maxEnvelopeSize }),
      signal,
    })
    return receivedIn(answer, commandId, this.#client.where)
  }

  async signal(commandId: string, code: keyof typeof signals, signal?: AbortSignal): Promise<void> {
    const body: XmlElement = {
      name: 'rsp:Signal',
      attributes: { CommandId: commandId },
      content: [{ name: 'rsp:Code', content: signals[code] }],
    }
    await this.#request({ action: actions.signal, body, signal })
  }

  /** Ends the shell and every command in it. One that is not there any more is fine. */
  async delete(signal?: AbortSignal): Promise<void> {
    try {
      await this.#request({ action: actions.delete, signal })
    } catch (error) {
      if (!isGone(error)) throw error
    }
    this.#onEnded?.(this.#reference)
  }

  #sendRequest(commandId: string, { data, end }: InputPiece): WsmanRequest {
    const attributes = { Name: 'stdin', CommandId: commandId, ...(end && { End: 'true' }) }
    const stream: XmlElement = { name: 'rsp:Stream', attributes, content: data }
    return { ...this.#reference, action: actions.send, body: { name: 'rsp:Send', content: [stream] } }
  }

  async #request(request: Omit<WsmanRequest, 'resourceUri' | 'selectors'>): Promise<readonly Element[]> {
    return (await this.#client.request({ ...this.#reference, ...request })).body
  }
}

/** The shell is not there any more: the server was restarted, or it was idle for too long. */
export function isGone(error: unknown): boolean {
  return isFault(error, 'notFound', 'shellGone', 'operationAborted')
}

/** A piece of a command's stdin; `end` = there is no more. */
export interface InputPiece {
  data: Uint8Array
  end: boolean
}

export interface ReceiveOptions {
  maxEnvelopeSize?: number
  signal?: AbortSignal | undefined
}

function referenceIn(body: readonly Element[], where: string): ShellReference {
  const created = body.find(element => element.localName === 'ResourceCreated')
  const selectors =
    created === undefined ? [] : children(descendant(created, 'w', 'SelectorSet') ?? created, 'w', 'Selector')
  const named = selectors.map(selector => [selector.getAttribute('Name') ?? '', textOf(selector) ?? ''] as const)
  if (named.length > 0) {
    const resourceUri = created === undefined ? undefined : textOf(descendant(created, 'w', 'ResourceURI'))
    return { resourceUri: resourceUri ?? resources.cmd, selectors: Object.fromEntries(named) }
  }
  // WinRM 1.1 and OMI may answer with the shell alone.
  const shell = body.find(element => element.localName === 'Shell')
  const id = shell === undefined ? undefined : textOf(child(shell, 'rsp', 'ShellId'))
  if (id === undefined || id === '') throw incomplete(where, 'Create', 'no shell')
  return { resourceUri: resources.cmd, selectors: { ShellId: id } }
}

function receivedIn(body: readonly Element[], commandId: string, where: string): Received {
  const response = body.find(element => element.localName === 'ReceiveResponse')
  if (response === undefined) throw incomplete(where, 'Receive', 'no ReceiveResponse')
  const mine = (element: Element): boolean => {
    const id = element.getAttribute('CommandId')
    return id === null || id.toLowerCase() === commandId.toLowerCase()
  }
  const streams = children(response, 'rsp', 'Stream').filter(mine)
  const outputOf = (name: string): Buffer =>
    Buffer.concat(streams.filter(stream => stream.getAttribute('Name') === name).map(stream => decoded(stream, where)))
  const state = children(response, 'rsp', 'CommandState').find(mine)
  const exitCode = state === undefined ? undefined : textOf(child(state, 'rsp', 'ExitCode'))
  if (exitCode !== undefined && !/^-?\d{1,10}$/.test(exitCode))
    throw incomplete(where, 'Receive', 'no number for an exit code')
  return {
    stdout: outputOf('stdout'),
    stderr: outputOf('stderr'),
    done: state?.getAttribute('State') === commandDone,
    exitCode: exitCode === undefined ? undefined : Number(exitCode) >>> 0,
  }
}

function decoded(stream: Element, where: string): Buffer {
  const bytes = bytesOf(stream)
  if (bytes === undefined) throw incomplete(where, 'Receive', 'a stream that is not base64')
  return bytes
}

function incomplete(where: string, operation: string, what: string): TransferError {
  return new TransferError(`The answer of ${where} to ${operation} has ${what}.`, {
    code: 'ANSWER_INVALID',
    hint: 'Is it a WinRM listener of Windows?',
  })
}
