import { actions, namespaces, resources, signals } from '../../../transport/winrm/soap/names.js'
import { bytesOf, child, children, EnvelopeError, textOf } from '../../../transport/winrm/soap/read.js'
import type { EnvelopeText, XmlElement } from '../../../transport/winrm/soap/write.js'
import type { ExecChannel, Host } from '../../model.js'
import { playClientProgram } from './client-programs.js'
import { playFileAgent } from './file-agent.js'
import { exitCodes, LabShell, type WinrmQuotas, windowsQuotas } from './lab-shell.js'
import { ShellEnumeration } from './shell-enumeration.js'
import { faultElement, WsmanFaultAnswer } from './wsman-fault.js'
import { durationMs, messageIdOf, readCall, type WsmanCall } from './wsman-request.js'
import {
  configElement,
  createdElements,
  defaultIdleTimeoutMs,
  receivedElement,
  reply,
  shellElement,
} from './wsman-response.js'

export interface WsmanServiceOptions {
  host: Host
  quotas?: Partial<WinrmQuotas>
}

export interface WsmanReply {
  status: 200 | 500
  envelope: EnvelopeText
}

interface CallContext {
  call: WsmanCall
  signal: AbortSignal
}

const sweepMs = 30_000
/** Room for all of an answer to Receive but its streams. */
const receiveHeadBytes = 3000

/** The WS-Management service of one simulated server: its shells, behind however many listeners. */
export class WsmanService {
  readonly quotas: WinrmQuotas
  readonly #host: Host
  readonly #shells = new Map<string, LabShell>()
  readonly #enumeration = new ShellEnumeration()
  readonly #sweeper: NodeJS.Timeout
  readonly #operations: Readonly<Record<string, (context: CallContext) => Promise<XmlElement[]> | XmlElement[]>>

  constructor({ host, quotas }: WsmanServiceOptions) {
    this.#host = host
    this.quotas = { ...windowsQuotas, ...quotas }
    this.#sweeper = setInterval(() => this.#endIdle(), sweepMs)
    this.#sweeper.unref()
    this.#operations = {
      [actions.create]: context => this.#create(context),
      [actions.delete]: context => this.#delete(context),
      [actions.get]: context => this.#get(context),
      [actions.enumerate]: context => this.#enumerate(context),
      [actions.pull]: ({ call }) => [this.#enumeration.pull(call.body)],
      [actions.command]: context => this.#command(context),
      [actions.send]: context => this.#send(context),
      [actions.receive]: context => this.#receive(context),
      [actions.signal]: context => this.#signal(context),
    }
  }

  /** Open shells, for tests. */
  get shellCount(): number {
    return this.#shells.size
  }

  /** Commands that count against the quota: those of every open shell, ended ones too. */
  get operationCount(): number {
    return [...this.#shells.values()].reduce((sum, one) => sum + one.operations, 0)
  }

  /** Answers one envelope, which has to stay as it is until then. `signal` = the client is gone. */
  async handle(message: Buffer, signal: AbortSignal): Promise<WsmanReply> {
    try {
      const call = readCall(message)
      const operation = Object.hasOwn(this.#operations, call.action) ? this.#operations[call.action] : undefined
      if (operation === undefined) throw new WsmanFaultAnswer('actionMismatch')
      const body = await operation({ call, signal })
      return { status: 200, envelope: reply(`${call.action}Response`, call.messageId, body) }
    } catch (error) {
      const fault =
        error instanceof WsmanFaultAnswer
          ? error
          : error instanceof EnvelopeError
            ? new WsmanFaultAnswer('invalidParameter', `The request cannot be read: ${error.message}. `)
            : undefined
      if (fault === undefined) throw error
      const action = `${namespaces.w.replace(/\.xsd$/, '')}/fault`
      return { status: 500, envelope: reply(action, messageIdOf(message), [faultElement(fault, this.#host.name)]) }
    }
  }

  /** The server restarts: nothing of its shells is left. */
  endAll(): void {
    for (const shell of this.#shells.values()) shell.end()
    this.#shells.clear()
  }

  close(): void {
    clearInterval(this.#sweeper)
    this.endAll()
  }

  #create({ call }: CallContext): XmlElement[] {
    if (call.resourceUri !== resources.cmd) throw new WsmanFaultAnswer('resourceNotFound')
    this.#endIdle()
    if (this.#shells.size >= this.quotas.maxShellsPerUser) throw new WsmanFaultAnswer('maxShells')
    const wanted = call.body.find(element => element.localName === 'Shell')
    if (wanted === undefined) throw new WsmanFaultAnswer('invalidParameter')
    const streams = (name: string): string[] => (textOf(child(wanted, 'rsp', name)) ?? '').split(/\s+/)
    const unknown = streams('OutputStreams').filter(name => !['stdout', 'stderr', ''].includes(name))
    if (unknown.length > 0) throw new WsmanFaultAnswer('invalidParameter')
    const environment = child(wanted, 'rsp', 'Environment')
    const variables = environment === undefined ? [] : children(environment, 'rsp', 'Variable')
    const idle = textOf(child(wanted, 'rsp', 'IdleTimeOut'))
    const shell = new LabShell({
      owner: 'exadmin',
      idleTimeoutMs: idle === undefined ? defaultIdleTimeoutMs : durationMs(idle),
      workingDirectory: textOf(child(wanted, 'rsp', 'WorkingDirectory')),
      environment: new Map(variables.map(one => [one.getAttribute('Name') ?? '', textOf(one) ?? ''])),
      exec: channel => this.#exec(channel),
    })
    this.#shells.set(shell.id, shell)
    return createdElements(shell)
  }

  #delete({ call }: CallContext): XmlElement[] {
    const shell = this.#shellOf(call)
    shell.end()
    this.#shells.delete(shell.id)
    return []
  }

  #get({ call }: CallContext): XmlElement[] {
    if (call.resourceUri !== resources.config) throw new WsmanFaultAnswer('resourceNotFound')
    return [configElement(this.quotas)]
  }

  #enumerate({ call }: CallContext): XmlElement[] {
    if (call.resourceUri !== resources.shell && call.resourceUri !== resources.cmd)
      throw new WsmanFaultAnswer('resourceNotFound')
    return [this.#enumeration.enumerate(call.body, [...this.#shells.values()].map(shellElement))]
  }

  #command({ call }: CallContext): XmlElement[] {
    const shell = this.#shellOf(call)
    if (this.operationCount >= this.quotas.maxOperationsPerUser) throw new WsmanFaultAnswer('maxOperations')
    const commandLine = call.body.find(element => element.localName === 'CommandLine')
    const name = commandLine === undefined ? undefined : textOf(child(commandLine, 'rsp', 'Command'))
    if (commandLine === undefined || name === undefined || name === '') throw new WsmanFaultAnswer('invalidParameter')
    const args = children(commandLine, 'rsp', 'Arguments').map(element => element.textContent ?? '')
    const id = shell.start([name, ...args].join(' '), this.quotas.maxProcessesPerShell)
    return [{ name: 'rsp:CommandResponse', content: [{ name: 'rsp:CommandId', content: id }] }]
  }

  async #send({ call, signal }: CallContext): Promise<XmlElement[]> {
    const shell = this.#shellOf(call)
    const send = call.body.find(element => element.localName === 'Send')
    for (const stream of send === undefined ? [] : children(send, 'rsp', 'Stream')) {
      if (stream.getAttribute('Name') !== 'stdin') throw new WsmanFaultAnswer('invalidParameter')
      const command = shell.command(stream.getAttribute('CommandId') ?? '')
      const data = bytesOf(stream)
      if (data === undefined) throw new WsmanFaultAnswer('invalidParameter')
      if (!command.write(data, /^(true|1)$/i.test(stream.getAttribute('End') ?? ''))) {
        throw new WsmanFaultAnswer('brokenPipe')
      }
      if (!(await command.inputTaken(call.operationTimeoutMs, signal))) throw new WsmanFaultAnswer('timedOut')
    }
    return [{ name: 'rsp:SendResponse' }]
  }

  async #receive({ call, signal }: CallContext): Promise<XmlElement[]> {
    const shell = this.#shellOf(call)
    const receive = call.body.find(element => element.localName === 'Receive')
    const desired = receive === undefined ? undefined : child(receive, 'rsp', 'DesiredStream')
    const id = desired?.getAttribute('CommandId') ?? ''
    if (desired === undefined || id === '') throw new WsmanFaultAnswer('invalidParameter')
    const command = shell.command(id)
    if (command.receiving) throw new WsmanFaultAnswer('concurrency')
    command.receiving = true
    try {
      if (!(await command.outputThere(call.operationTimeoutMs, signal))) throw new WsmanFaultAnswer('timedOut')
    } finally {
      command.receiving = false
    }
    const room = Math.min(call.maxEnvelopeSize, this.quotas.maxEnvelopeKilobytes * 1024) - receiveHeadBytes
    return [receivedElement(id, command.take(Math.floor(room / 4) * 3))]
  }

  #signal({ call }: CallContext): XmlElement[] {
    const shell = this.#shellOf(call)
    const signal = call.body.find(element => element.localName === 'Signal')
    const code = signal === undefined ? undefined : textOf(child(signal, 'rsp', 'Code'))
    const id = signal?.getAttribute('CommandId') ?? ''
    if (code === signals.ctrlC) shell.signal(id, exitCodes.ctrlC)
    else if (code?.toLowerCase() === signals.terminate) shell.signal(id, exitCodes.terminate)
    else throw new WsmanFaultAnswer('invalidParameter')
    return [{ name: 'rsp:SignalResponse' }]
  }

  #shellOf(call: WsmanCall): LabShell {
    if (call.resourceUri !== resources.cmd) throw new WsmanFaultAnswer('resourceNotFound')
    const shell = this.#shells.get((call.selectors.get('ShellId') ?? '').toUpperCase())
    if (shell === undefined) throw new WsmanFaultAnswer('notFound')
    shell.use()
    return shell
  }

  #exec(channel: ExecChannel): Promise<number> {
    return playFileAgent(this.#host, channel) ?? playClientProgram(this.#host, channel) ?? this.#host.exec(channel)
  }

  #endIdle(): void {
    for (const shell of this.#shells.values()) {
      if (!shell.isIdle) continue
      shell.end()
      this.#shells.delete(shell.id)
    }
  }
}
