import type { Element } from '@xmldom/xmldom'
import { actions, resources, signals } from '../soap/names.js'
import type { RequestOption, XmlElement } from '../soap/write.js'
import { durationText } from '../soap/write.js'
import { isFault, type WsmanClient, type WsmanRequest } from '../wsman/client.js'
import { commandIdIn, type Received, receivedIn, referenceIn, type ShellReference } from './answers.js'

const goneKinds = [
  'notFound',
  'shellGone',
  'operationAborted',
  'hostCallFailed',
  'hostUnavailable',
  'hostCrashed',
] as const

export interface ShellOptions {
  workingDirectory?: string
  environment?: Readonly<Record<string, string>>
  /** Milliseconds after which the server deletes a shell that nobody uses. */
  idleTimeoutMs?: number
  /** Milliseconds that the shell is for at most. Windows does not end one for it since KB968930 (MS-WSMV note <30>). */
  lifetimeMs?: number
  /** What it is called beside its id. */
  name?: string
  options?: readonly RequestOption[]
  signal?: AbortSignal | undefined
  /** Called when the server has the shell, and when it is known to have it no longer. */
  onOpened?: (reference: ShellReference) => void
  onEnded?: (reference: ShellReference) => void
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
    const { workingDirectory, environment, idleTimeoutMs, lifetimeMs, name, signal } = options
    // In the order of the schema (MS-WSMV 2.2.4.37).
    const content: XmlElement[] = []
    if (name !== undefined) content.push({ name: 'rsp:Name', content: name })
    if (environment !== undefined) {
      const variables = Object.entries(environment).map(
        ([name, value]): XmlElement => ({ name: 'rsp:Variable', attributes: { Name: name }, content: value }),
      )
      content.push({ name: 'rsp:Environment', content: variables })
    }
    if (workingDirectory !== undefined) content.push({ name: 'rsp:WorkingDirectory', content: workingDirectory })
    if (lifetimeMs !== undefined) content.push({ name: 'rsp:Lifetime', content: durationText(lifetimeMs) })
    if (idleTimeoutMs !== undefined) content.push({ name: 'rsp:IdleTimeOut', content: durationText(idleTimeoutMs) })
    content.push(
      { name: 'rsp:InputStreams', content: 'stdin' },
      { name: 'rsp:OutputStreams', content: 'stdout stderr' },
    )
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
    return commandIdIn(answer, this.#client.where)
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

  /**
   * What the command wrote since the last time; undefined = the shell itself, which the command shell has nothing to say for (87). Faults
   * with 2150858793 when it wrote nothing for OperationTimeout.
   */
  async receive(commandId: string | undefined, { maxEnvelopeSize, signal }: ReceiveOptions = {}): Promise<Received> {
    const desired: XmlElement = {
      name: 'rsp:DesiredStream',
      ...(commandId !== undefined && { attributes: { CommandId: commandId } }),
      content: 'stdout stderr',
    }
    const answer = await this.#request({
      action: actions.receive,
      options: [{ name: 'WSMAN_CMDSHELL_OPTION_KEEPALIVE', value: 'True' }],
      body: { name: 'rsp:Receive', content: [desired] },
      ...(maxEnvelopeSize !== undefined && { maxEnvelopeSize }),
      signal,
    })
    return receivedIn(answer, this.#client.where)
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
    const attributes = { Name: 'stdin', CommandId: commandId, End: String(end) }
    const stream: XmlElement = { name: 'rsp:Stream', attributes, content: data }
    return { ...this.#reference, action: actions.send, body: { name: 'rsp:Send', content: [stream] } }
  }

  async #request(request: Omit<WsmanRequest, 'resourceUri' | 'selectors'>): Promise<readonly Element[]> {
    return (await this.#client.request({ ...this.#reference, ...request })).body
  }
}

/** The shell is not there any more: the server was restarted, it was idle for too long, or its process has ended. */
export function isGone(error: unknown): boolean {
  return isFault(error, ...goneKinds)
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
