import { createHash } from 'node:crypto'
import {
  type FileAnswer,
  type FileRequest,
  fileAgentLine,
  readFileRequest,
  writeFileAnswer,
} from '../../../transport/winrm/files/file-agent.js'
import type { ExecChannel, Host } from '../../model.js'
import { parentFolder, windowsPath } from '../windows-path.js'

/** Bytes of a file that go to the client at once. */
const pieceBytes = 64 * 1024

/** Plays powershell.exe with the program that carries files over WinRM; undefined when the command is another one. */
export function playFileAgent(host: Host, channel: ExecChannel): Promise<number> | undefined {
  return channel.line.trim() === fileAgentLine() ? play(host, channel) : undefined
}

async function play(host: Host, channel: ExecChannel): Promise<number> {
  const input = new LinesThenBytes(channel.stdin)
  const request = readFileRequest((await input.line()) ?? '')
  const answer = (found: FileAnswer): number => {
    channel.stdout(writeFileAnswer(found))
    return found.ok ? 0 : 1
  }
  if (request === undefined) return answer({ ok: false, code: 'TRANSFER_FAILED', message: 'not a request' })
  const path = windowsPath(request.path)
  const offsetOf = async ({ offset }: FileRequest): Promise<number> => {
    needFolderOf(host, path)
    if (offset !== 'ask') return offset
    if (host.files.stat(path) === undefined) host.files.write(path, new Uint8Array())
    answer(found(host, path))
    const line = await input.line()
    // The client is gone: what is there stays.
    if (line === undefined) throw new InputEnded('no request on stdin')
    return Number(line)
  }
  try {
    switch (request.verb) {
      case 'put':
        return answer(await put(host, path, await offsetOf(request), input.rest()))
      case 'get': {
        const data = fileAt(host, path)
        answer({ ok: true, bytes: data.length, sha256: host.files.sha256(path) })
        for (let at = 0; at < data.length; at += pieceBytes) channel.stdout(data.subarray(at, at + pieceBytes))
        return 0
      }
      case 'hash':
        return answer(found(host, path))
      case 'remove':
        if (host.files.stat(path) !== undefined) host.files.remove(path)
        return answer({ ok: true, bytes: 0, sha256: '' })
    }
  } catch (error) {
    if (error instanceof FileMissing) return answer({ ok: false, code: 'FILE_MISSING', message: error.message })
    if (error instanceof InputEnded) return answer({ ok: false, code: 'TRANSFER_FAILED', message: error.message })
    throw error
  }
}

class FileMissing extends Error {
  override readonly name = 'FileMissing'
}

class InputEnded extends Error {
  override readonly name = 'InputEnded'
}

function needFolderOf(host: Host, path: string): void {
  if (!host.files.stat(parentFolder(path))?.folder)
    throw new FileMissing(`Could not find a part of the path '${path}'.`)
}

function fileAt(host: Host, path: string): Uint8Array {
  sizeOf(host, path)
  return host.files.read(path)
}

function sizeOf(host: Host, path: string): number {
  const stat = host.files.stat(path)
  if (stat === undefined || stat.folder) throw new FileMissing(`Could not find file '${path}'.`)
  return stat.bytes
}

async function put(host: Host, path: string, offset: number, data: AsyncIterable<Uint8Array>): Promise<FileAnswer> {
  const before = offset === 0 || host.files.stat(path) === undefined ? new Uint8Array() : host.files.read(path)
  const start = Buffer.alloc(offset)
  start.set(before.subarray(0, offset))
  const hash = createHash('sha256').update(start)
  let bytes = offset
  // What came before an end stays, as on a real server: an upload goes on from there.
  host.files.write(path, start)
  for await (const piece of data) {
    // On its way: the program hashes what reaches it.
    if (piece.length > 0 && host.network.takeDamage()) piece[0] = (piece[0] ?? 0) ^ 0x01
    hash.update(piece)
    host.files.append(path, piece)
    bytes += piece.length
  }
  return { ok: true, bytes, sha256: hash.digest('hex') }
}

function found(host: Host, path: string): FileAnswer {
  return { ok: true, bytes: sizeOf(host, path), sha256: host.files.sha256(path) }
}

/** A stream of which lines are read before the rest. */
class LinesThenBytes {
  readonly #source: AsyncIterator<Uint8Array>
  #left: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Undefined when the stream ends before the line does. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#left.indexOf(0x0a)
      if (end >= 0) {
        const line = this.#left.subarray(0, end).toString('latin1')
        this.#left = this.#left.subarray(end + 1)
        return line
      }
      const { value, done } = await this.#source.next()
      if (done === true) return undefined
      this.#left = Buffer.concat([this.#left, value])
    }
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#left.length > 0) yield this.#left
    for (;;) {
      const { value, done } = await this.#source.next()
      if (done === true) return
      yield value
    }
  }
}
