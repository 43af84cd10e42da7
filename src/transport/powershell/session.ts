import { createHash } from 'node:crypto'
import { ToolError, TransferError } from '../../errors.js'
import { KeptOutput } from '../kept-output.js'
import { createLocal, localSize, readLocal } from '../local-file.js'
import { behind, type HeldFile, hashed, resumeFromBytes, sameBytesIn } from '../partial-upload.js'
import { createSlots, type Slot } from '../slots.js'
import { watchStop } from '../stop-watch.js'
import { connectionLost, damaged } from '../transfer-errors.js'
import type { Command, CommandResult, RunOptions, Session, Transfer, TransferOptions } from '../transport.js'
import type { Lane, LaneEnd } from './lane.js'
import { type RemoteScript, remoteScript } from './remote-scripts.js'

/** Lanes, each with a PSSession of its own, that one session opens at most: a PSSession runs one pipeline at a time. */
const laneLimit = 8
/** Bytes of one part of a file: PSRP cuts them into fragments by itself. */
const partBytes = 1024 * 1024

export interface PowershellSessionOptions {
  /** `host:port`, for messages. */
  where: string
  first: Lane
  openLane: () => Promise<Lane>
  /** Told once, when the session is closed or lost. */
  onEnd: () => void
}

type How =
  | { kind: 'ended'; objects: string[] }
  | { kind: 'lost' }
  | { kind: 'stopped' }
  | { kind: 'failed'; end: LaneEnd }

/** A `Session` through the hosted PowerShell. Once a lane is lost the session is, and nothing more is tried on it. */
export class PowershellSession implements Session {
  readonly #options: PowershellSessionOptions
  readonly #slots = createSlots(laneLimit)
  readonly #free: Lane[]
  readonly #all: Set<Lane>
  #closed = false

  constructor(options: PowershellSessionOptions) {
    this.#options = options
    this.#free = [options.first]
    this.#all = new Set([options.first])
  }

  get closed(): boolean {
    return this.#closed
  }

  async run(command: Command, options: RunOptions = {}): Promise<CommandResult> {
    const startedAt = performance.now()
    const stop = watchStop(options)
    const output = { o: new KeptOutput(), e: new KeptOutput() }
    let exitCode: number | null = null
    let broken: unknown
    try {
      const stdin = Buffer.from(command.stdin ?? '')
      const how = await this.#inLane(
        'Invoke-CommandLine',
        [{ text: command.line }, { bytes: stdin.toString('base64') }],
        stop.signal,
        (text, end) => {
          if (stop.why !== undefined || broken !== undefined) return
          const data = text.slice(1)
          if (text.startsWith('x')) exitCode = Number(data) >>> 0
          else {
            const mark = text.startsWith('e') ? 'e' : 'o'
            const chunk = Buffer.from(data, 'base64')
            try {
              output[mark].add(chunk)
              ;(mark === 'e' ? options.onStderr : options.onStdout)?.(chunk)
            } catch (error) {
              broken = error
              end()
            }
          }
        },
      )
      if (broken !== undefined) throw broken
      if (how.kind === 'failed') throw this.#refused(how.end)
      const ended = stop.why === undefined && how.kind === 'ended'
      return {
        exitCode: ended ? exitCode : null,
        stdout: output.o.text(),
        stderr: output.e.text(),
        durationMs: performance.now() - startedAt,
        timedOut: stop.why === 'timeout',
        canceled: stop.why === 'abort',
        connectionLost: stop.why === undefined && how.kind === 'lost',
      }
    } finally {
      stop.dispose()
    }
  }

  /** Goes on where an earlier upload of the same bytes was cut. */
  async upload(source: string | Uint8Array, destination: string, options: TransferOptions = {}): Promise<Transfer> {
    const { signal, onProgress } = options
    signal?.throwIfAborted()
    const start = await this.#startOfRest(source, destination, signal)
    if (start > 0) onProgress?.(start)
    const sum = createHash('sha256')
    let bytes = start
    const put = async (part: Buffer) => {
      const words = [{ text: destination }, { bytes: part.toString('base64') }, { text: String(bytes) }]
      await this.#ask('Set-FilePart', words, destination, signal)
      bytes += part.length
      onProgress?.(bytes)
      signal?.throwIfAborted()
    }
    for await (const part of behind(start, hashed(readLocal(source, partBytes), sum, signal))) await put(part)
    if (bytes === 0) await put(Buffer.alloc(0))
    const sha256 = sum.digest('hex')
    await this.#compare(destination, sha256, options)
    return { bytes, sha256 }
  }

  async download(source: string, destination: string, options: TransferOptions = {}): Promise<Transfer> {
    options.signal?.throwIfAborted()
    const target = await createLocal(destination)
    try {
      const sum = createHash('sha256')
      let bytes = 0
      let writing: Promise<void> = Promise.resolve()
      let failure: unknown
      await this.#ask('Get-FilePart', [{ text: source }], source, options.signal, text => {
        const part = Buffer.from(text, 'base64')
        sum.update(part)
        bytes += part.length
        writing = writing
          .then(() => target.write(part))
          .catch(error => {
            failure ??= error
          })
        options.onProgress?.(bytes)
      })
      await writing
      if (failure !== undefined) throw failure
      const sha256 = sum.digest('hex')
      await this.#compare(source, sha256, options)
      await target.keep()
      return { bytes, sha256 }
    } finally {
      await target.discard()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#end()
    await Promise.all([...this.#all].map(lane => lane.close()))
  }

  /** How many bytes at the start of `source` the server has already. */
  async #startOfRest(source: string | Uint8Array, path: string, signal: AbortSignal | undefined): Promise<number> {
    if ((await localSize(source)) < resumeFromBytes) return 0
    try {
      return await sameBytesIn(source, await this.#held(path, signal))
    } catch (error) {
      if (error instanceof TransferError && error.code === 'FILE_MISSING') return 0
      throw error
    }
  }

  async #held(path: string, signal: AbortSignal | undefined): Promise<HeldFile> {
    const [bytes = '', sha256 = ''] = await this.#ask('Get-FileHashSum', [{ text: path }], path, signal)
    return { bytes: Number(bytes), sha256 }
  }

  async #compare(path: string, sha256: string, { hash, signal }: TransferOptions): Promise<void> {
    const found = hash === undefined ? (await this.#held(path, signal)).sha256 : (await hash(path)).trim().toLowerCase()
    if (found === sha256) return
    throw damaged(path, sha256, found)
  }

  /** A script about one file. Throws `TransferError`, or the signal's reason. */
  async #ask(
    script: RemoteScript,
    words: Parameters<Lane['run']>[1],
    path: string,
    signal?: AbortSignal,
    onObject?: (text: string) => void,
  ): Promise<string[]> {
    const how = await this.#inLane(script, words, signal, text => {
      if (signal?.aborted !== true) onObject?.(text)
    })
    signal?.throwIfAborted()
    if (how.kind === 'ended') return how.objects
    if (how.kind === 'failed') throw fileRefused(path, how.end)
    throw connectionLost(this.#options.where)
  }

  async #inLane(
    script: RemoteScript,
    words: Parameters<Lane['run']>[1],
    signal: AbortSignal | undefined,
    onObject: (text: string, end: () => void) => void,
  ): Promise<How> {
    if (this.#closed) return { kind: 'lost' }
    if (signal?.aborted === true) return { kind: 'stopped' }
    let slot: Slot
    try {
      slot = await this.#slots.acquire(signal)
    } catch {
      return { kind: 'stopped' }
    }
    let lane: Lane | undefined
    try {
      lane = await this.#takeLane()
      const objects: string[] = []
      const running = lane.run(remoteScript(script), words, (text, end) => {
        if (script === 'Get-FileHashSum' || script === 'Set-FilePart') objects.push(text)
        onObject(text, end)
      })
      const stop = () => running.stop()
      signal?.addEventListener('abort', stop, { once: true })
      const end = await running.ended.finally(() => signal?.removeEventListener('abort', stop))
      if (end.lost === true) {
        this.#end()
        return { kind: 'lost' }
      }
      if (end.ended === 'stopped') return { kind: 'stopped' }
      return end.ended === 'failed' ? { kind: 'failed', end } : { kind: 'ended', objects }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      // The hosted shell is dead, or no further session opens: this one cannot go on either way.
      this.#end()
      return { kind: 'lost' }
    } finally {
      if (lane !== undefined) this.#free.push(lane)
      slot.release()
    }
  }

  async #takeLane(): Promise<Lane> {
    const known = this.#free.pop()
    if (known !== undefined) return known
    const lane = await this.#options.openLane()
    this.#all.add(lane)
    return lane
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#options.onEnd()
  }

  #refused({ error = '' }: LaneEnd): TransferError {
    return new TransferError(`${this.#options.where} ran no command: ${error.replace(/\s+/g, ' ').slice(0, 300)}`, {
      code: 'EXEC_REFUSED',
      hint: 'Does the session configuration allow scripts (FullLanguage), and may the account start programs?',
    })
  }
}

function fileRefused(path: string, { error = '', errorId = '' }: LaneEnd): TransferError {
  const words = `${errorId} ${error}`
  const code = /FileNotFound|DirectoryNotFound|Could not find/.test(words)
    ? 'FILE_MISSING'
    : /UnauthorizedAccess|Access to the path/.test(words)
      ? 'ACCESS_DENIED'
      : 'TRANSFER_FAILED'
  return new TransferError(`${path} could not be transferred: ${error.replace(/\s+/g, ' ').slice(0, 300)}`, {
    code,
    hint: 'Check the path, the free space and the rights of the account; the folder has to exist on the server.',
  })
}
