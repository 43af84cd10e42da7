import { setTimeout as wait } from 'node:timers/promises'
import { TransferError } from '../../../errors.js'
import { KeptOutput } from '../../kept-output.js'
import { type StopWatch, watchStop } from '../../stop-watch.js'
import type { Command, CommandResult, RunOptions } from '../../transport.js'
import { HttpConnectionError } from '../http/http-connection.js'
import { defaultOperationTimeoutMs, FaultError, isFault } from '../wsman/client.js'
import { faultError } from '../wsman/fault-error.js'
import type { Received } from './answers.js'
import { createInput, type InputSource } from './input.js'
import { isGone, type ReceiveOptions, type Shell } from './shell.js'

export interface RunningOptions extends Omit<RunOptions, 'onStdout' | 'onStderr'> {
  /** Awaited: the next answer is not asked for before. */
  onStdout?: ((chunk: Uint8Array) => void | Promise<void>) | undefined
  onStderr?: ((chunk: Uint8Array) => void | Promise<void>) | undefined
  /** False: what was handed to `onStdout` is not kept for the result. */
  keepStdout?: boolean
  /** Bytes of stdin that go in one message. */
  payloadBytes: number
  /** Bytes that an answer to Receive may have. */
  maxEnvelopeSize?: number
  /** Milliseconds after which a command that neither writes nor ends is given up; default six hours. */
  silenceLimitMs?: number
}

/** What a command reads: its own stdin, or a stream of chunks. */
export type CommandInput = Omit<Command, 'stdin'> & { stdin?: InputSource | undefined }

/** How long the server may take to end a command that was told to, in milliseconds. */
const endGraceMs = 2000
/** A command that neither writes nor ends for so long is given up where its caller set no limit (ansible/ansible#85865). */
const defaultSilenceLimitMs = 6 * 60 * 60 * 1000

/** Every command goes through cmd.exe: Windows 2012 R2 and later ignore anything else (MS-WSMV note <117>). */
const commandOptions = [
  { name: 'WINRS_CONSOLEMODE_STDIN', value: 'FALSE' },
  { name: 'WINRS_SKIP_CMD_SHELL', value: 'FALSE' },
]

/**
 * The command was not started, because all operations of the quota are used: Windows counts those of past commands until their
 * shell ends (MS-WSMV note <118>), so another shell may take it.
 */
export class OperationsUsedUp extends Error {
  override readonly name = 'OperationsUsedUp'
  /** For whom it is the end. */
  readonly told: unknown

  constructor(told: unknown) {
    super('all operations of the quota are used')
    this.told = told
  }
}

const nothingYet: Received = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), done: false, exitCode: undefined }
/** Answers without output that are usual at the end of a command: one for the end of each stream. */
const quietAnswers = 4

type End = { exitCode: number | null } | 'lost' | 'timeout' | 'abort'

/**
 * Runs one command in `shell`. Loss, time-out and abort are results. Throws `OperationsUsedUp`, and `ToolError`s: `COMMAND_SILENT`, `INPUT_UNCERTAIN`
 * (the server did not say whether it took a piece of stdin; it is never sent again), what a fault becomes, `OUTPUT_TOO_LARGE`, and
 * what a callback of the caller threw.
 */
export async function runInShell(
  shell: Shell,
  where: string,
  command: CommandInput,
  options: RunningOptions,
): Promise<CommandResult> {
  const startedAt = performance.now()
  const { timeoutMs, signal } = options
  const stop = watchStop({ ...(timeoutMs !== undefined && { timeoutMs }), ...(signal !== undefined && { signal }) })
  const output = { stdout: new KeptOutput(), stderr: new KeptOutput() }
  try {
    const end = stop.why ?? (await run(shell, where, command, options, stop, output))
    return {
      exitCode: typeof end === 'object' ? end.exitCode : null,
      stdout: output.stdout.text(),
      stderr: output.stderr.text(),
      durationMs: performance.now() - startedAt,
      timedOut: end === 'timeout',
      canceled: end === 'abort',
      connectionLost: end === 'lost',
    }
  } finally {
    stop.dispose()
  }
}

interface Output {
  stdout: KeptOutput
  stderr: KeptOutput
}

async function run(
  shell: Shell,
  where: string,
  command: CommandInput,
  options: RunningOptions,
  stop: StopWatch,
  output: Output,
): Promise<End> {
  const starting = shell.command(command.line, [], commandOptions)
  let commandId: string
  try {
    // Not aborted: a command that was started unseen would run on until the shell ends.
    commandId = await starting
  } catch (error) {
    if (isLost(error)) return 'lost'
    const told = asToolError(error, where, 'the command')
    throw isUsedUp(error) ? new OperationsUsedUp(told) : told
  }
  const receiving = new AbortController()
  const input = createInput(shell, commandId, command.stdin, options.payloadBytes)
  const received = receiveAll(shell, commandId, options, output, stop, receiving.signal)
  received.catch(() => undefined)
  try {
    const first = await Promise.race([received, input.failed, stop.stopped])
    if (typeof first === 'object') {
      // Frees the command's place on the server; the shell's deletion would do it too.
      shell.signal(commandId, 'terminate').catch(() => undefined)
      return stop.why ?? first
    }
    await endCommand(shell, commandId, received)
    return first
  } catch (error) {
    if (isLost(error)) return stop.why ?? 'lost'
    // Ended before the caller hears of it: what it held open is free then.
    await endCommand(shell, commandId, received)
    if (stop.why !== undefined) return stop.why
    throw asToolError(error, where, 'the input or output of the command')
  } finally {
    input.stop()
    receiving.abort()
  }
}

async function receiveAll(
  shell: Shell,
  commandId: string,
  options: RunningOptions,
  output: Output,
  stop: StopWatch,
  signal: AbortSignal,
): Promise<{ exitCode: number | null }> {
  const receive = { signal, ...(options.maxEnvelopeSize !== undefined && { maxEnvelopeSize: options.maxEnvelopeSize }) }
  const { silenceLimitMs = defaultSilenceLimitMs } = options
  let heardAt = performance.now()
  let quietInARow = 0
  for (;;) {
    const askedAt = performance.now()
    const received = await receiveOnce(shell, commandId, receive)
    const { stdout, stderr, done, exitCode } = received ?? nothingYet
    if (stop.why === undefined) {
      await take(stdout, options.keepStdout === false ? undefined : output.stdout, options.onStdout)
      if (stop.why === undefined) await take(stderr, output.stderr, options.onStderr)
    }
    if (done) return { exitCode: exitCode ?? null }
    if (stdout.length > 0 || stderr.length > 0) {
      heardAt = performance.now()
      quietInARow = 0
      continue
    }
    if (performance.now() - heardAt > silenceLimitMs) throw silent(silenceLimitMs)
    // A server that has nothing to say, and says so at once, would be asked without a pause.
    quietInARow += received === undefined ? quietAnswers : 1
    if (quietInARow >= quietAnswers && performance.now() - askedAt < defaultOperationTimeoutMs / 20) {
      await pause(1000, signal)
    }
  }
}

/** Undefined when there was nothing to tell before OperationTimeout was over. */
async function receiveOnce(shell: Shell, commandId: string, options: ReceiveOptions): Promise<Received | undefined> {
  try {
    return await shell.receive(commandId, options)
  } catch (error) {
    if (isFault(error, 'timedOut')) return undefined
    throw error
  }
}

async function take(chunk: Buffer, kept: KeptOutput | undefined, onChunk: RunningOptions['onStdout']): Promise<void> {
  if (chunk.length === 0) return
  kept?.add(chunk)
  await onChunk?.(chunk)
}

/** Ends the command and waits for the server to say so. */
async function endCommand(shell: Shell, commandId: string, received: Promise<unknown>): Promise<void> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), endGraceMs)
  const late = new Promise<void>(resolve => limit.signal.addEventListener('abort', () => resolve(), { once: true }))
  await shell.signal(commandId, 'terminate', limit.signal).catch(() => undefined)
  await Promise.race([received.catch(() => undefined), late])
  clearTimeout(timer)
}

/** The way to the server is gone, or the shell there. */
function isLost(error: unknown): boolean {
  return error instanceof HttpConnectionError || isGone(error)
}

function asToolError(error: unknown, where: string, doing: string): unknown {
  return error instanceof FaultError ? faultError(error.fault, where, doing) : error
}

function isUsedUp(error: unknown): boolean {
  return isFault(error, 'maxOperations', 'maxOperationsPlugIn')
}

function silent(limitMs: number): TransferError {
  return new TransferError(`The command neither wrote nor ended for ${Math.round(limitMs / 60_000)} minutes.`, {
    code: 'COMMAND_SILENT',
    hint: 'Look at what it waits for on the server.',
  })
}

/** Ends early when the signal is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined)
}
