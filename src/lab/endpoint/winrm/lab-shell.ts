import { randomUUID } from 'node:crypto'
import type { ExecChannel } from '../../model.js'
import { lineAfterC } from '../cmd-syntax.js'
import { LabCommand } from './lab-command.js'
import { WsmanFaultAnswer } from './wsman-fault.js'

/** What a client may have at once (winrm.md, "Sizes and quotas"): the values of Windows 2008 R2 and later. */
export interface WinrmQuotas {
  maxShellsPerUser: number
  maxProcessesPerShell: number
  maxOperationsPerUser: number
  maxEnvelopeKilobytes: number
  /** Only told: nothing of the lab takes memory of a shell. */
  maxMemoryPerShellMegabytes: number
}

export const windowsQuotas: WinrmQuotas = {
  maxShellsPerUser: 30,
  maxProcessesPerShell: 25,
  maxOperationsPerUser: 1500,
  maxEnvelopeKilobytes: 500,
  maxMemoryPerShellMegabytes: 1024,
}

export interface LabShellOptions {
  owner: string
  idleTimeoutMs: number
  workingDirectory?: string | undefined
  environment: ReadonlyMap<string, string>
  exec: (channel: ExecChannel) => Promise<number>
}

/** What `terminate` and the end of a shell give as exit code; ctrl_c gives STATUS_CONTROL_C_EXIT. */
export const exitCodes = { terminate: 1, ctrlC: 0xc000013a } as const

const longestLine = 8191

/** One command shell: its commands, and when it was last used. */
export class LabShell {
  readonly id = randomUUID().toUpperCase()
  readonly options: LabShellOptions
  readonly createdAt = performance.now()
  readonly #commands = new Map<string, LabCommand>()
  #usedAt = performance.now()
  /** Every command counts until the shell ends: a terminate signal does not lower it (MS-WSMV note <118>). */
  operations = 0

  constructor(options: LabShellOptions) {
    this.options = options
  }

  get usedAt(): number {
    return this.#usedAt
  }

  get isIdle(): boolean {
    const busy = [...this.#commands.values()].some(command => !command.done)
    return !busy && performance.now() - this.#usedAt > this.options.idleTimeoutMs
  }

  use(): void {
    this.#usedAt = performance.now()
  }

  /** Starts a command and returns its id. */
  start(line: string, maxProcesses: number): string {
    if (line.length > longestLine) throw new WsmanFaultAnswer('lineTooLong')
    const running = [...this.#commands.values()].filter(command => !command.done).length
    if (running >= maxProcesses) throw new WsmanFaultAnswer('maxProcesses')
    const id = randomUUID().toUpperCase()
    this.operations += 1
    const { exec, workingDirectory, environment } = this.options
    const start = { folder: workingDirectory, variables: environment }
    this.#commands.set(id, new LabCommand(lineAfterC(line), channel => exec({ ...channel, start })))
    return id
  }

  command(id: string): LabCommand {
    const found = this.#commands.get(id.toUpperCase())
    if (found === undefined) throw new WsmanFaultAnswer('notFound')
    return found
  }

  signal(id: string, code: number): void {
    this.command(id).terminate(code)
    this.#commands.delete(id.toUpperCase())
  }

  end(): void {
    for (const command of this.#commands.values()) command.terminate(exitCodes.terminate)
    this.#commands.clear()
  }
}
