import { setImmediate } from 'node:timers/promises'
import type { ExecChannel } from '../../model.js'

/** What a command's Receive is answered with. */
export interface CommandOutput {
  pieces: { stream: 'stdout' | 'stderr'; data: Buffer }[]
  done: boolean
  exitCode: number | undefined
}

/** Input that the command has not read and that the next Send does not wait for, in bytes. */
const inputRoom = 1024 * 1024

/** One running command of a shell: its streams wait until they are asked for. */
export class LabCommand {
  readonly #abort = new AbortController()
  readonly #input: Buffer[] = []
  readonly #output: { stream: 'stdout' | 'stderr'; data: Buffer }[] = []
  #inputBytes = 0
  #inputEnded = false
  #exitCode: number | undefined
  #wake: (() => void)[] = []
  /** A Receive is outstanding: one at a time (MS-WSMV 3.1.4.14). */
  receiving = false

  constructor(line: string, exec: (channel: ExecChannel) => Promise<number>) {
    const write = (stream: 'stdout' | 'stderr', data: Uint8Array | string): void => {
      if (data.length === 0 || this.done) return
      this.#output.push({ stream, data: Buffer.from(data as Uint8Array) })
      this.#tell()
    }
    const channel: ExecChannel = {
      line,
      stdin: this.#stdin(),
      stdout: data => write('stdout', data),
      stderr: data => write('stderr', data),
      signal: this.#abort.signal,
    }
    exec(channel).then(
      code => this.#finish(code >>> 0),
      (error: unknown) => {
        write('stderr', `The simulated server failed: ${error instanceof Error ? error.message : String(error)}\r\n`)
        this.#finish(1)
      },
    )
  }

  get done(): boolean {
    return this.#exitCode !== undefined
  }

  /** Ends the command; its output up to now can still be received. */
  terminate(exitCode: number): void {
    this.#abort.abort()
    this.#finish(exitCode)
  }

  /** Takes input. False when the command has ended and nobody will read it. */
  write(data: Buffer, end: boolean): boolean {
    if (this.done || this.#inputEnded) return false
    if (data.length > 0) this.#input.push(data)
    this.#inputBytes += data.length
    if (end) this.#inputEnded = true
    this.#tell()
    return true
  }

  /** Resolves when the command has read enough, or has ended; false when that took too long. */
  async inputTaken(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return this.#until(() => this.done || this.#inputBytes <= inputRoom, timeoutMs, signal)
  }

  /** Waits for output or the end; false when there was neither in time. */
  async outputThere(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    return this.#until(() => this.done || this.#output.length > 0, timeoutMs, signal)
  }

  /** Takes at most `limitBytes` of what was written. */
  take(limitBytes: number): CommandOutput {
    const pieces: CommandOutput['pieces'] = []
    let room = limitBytes
    while (room > 0) {
      const next = this.#output.shift()
      if (next === undefined) break
      const data = next.data.subarray(0, room)
      if (data.length < next.data.length) this.#output.unshift({ ...next, data: next.data.subarray(room) })
      room -= data.length
      const last = pieces.at(-1)
      if (last?.stream === next.stream) last.data = Buffer.concat([last.data, data])
      else pieces.push({ stream: next.stream, data })
    }
    const done = this.done && this.#output.length === 0
    return { pieces, done, exitCode: done ? this.#exitCode : undefined }
  }

  async *#stdin(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#input.shift()
      if (next !== undefined) {
        this.#inputBytes -= next.length
        this.#tell()
        // The program is another process: the answer to Send does not wait for what it makes of its input.
        await setImmediate()
        yield next
      } else if (this.#inputEnded || this.done) return
      else await new Promise<void>(resolve => this.#wake.push(resolve))
    }
  }

  #finish(code: number): void {
    if (this.done) return
    this.#exitCode = code
    this.#tell()
  }

  #tell(): void {
    const waiting = this.#wake
    this.#wake = []
    for (const wake of waiting) wake()
  }

  async #until(reached: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#tell()
    }, timeoutMs)
    const onAbort = () => this.#tell()
    signal.addEventListener('abort', onAbort, { once: true })
    while (!reached() && !late && !signal.aborted) await new Promise<void>(resolve => this.#wake.push(resolve))
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    return reached()
  }
}
