import { TransferError } from '../../../errors.js'
import type { CommandResult, TransferOptions } from '../../transport.js'
import type { InputSource } from '../shell/input.js'
import type { CommandInput, RunningOptions } from '../shell/run-command.js'
import { type FileAnswer, type FileRequest, fileAgentLine, readFileAnswer, writeFileRequest } from './file-agent.js'

/** How the program that reads and writes files is run on a server. */
export interface FileAgent {
  where: string
  run(command: CommandInput, options: Omit<RunningOptions, 'payloadBytes'>): Promise<CommandResult>
  /** Bytes that go in one message: near what the server takes where the file is large enough for it to matter. */
  payloadBytes(large: boolean): Promise<number>
}

/** The data that follows a `put`. */
type PutSource = Exclude<InputSource, Uint8Array | string>
/** An answer's first line is short; more than this before its end is no answer of the program. */
const headLimit = 8192

/**
 * Asks the program on the server for one thing; `data` follows a `put`, `onData` takes what follows the answer to a `get`.
 * Throws `TransferError` with the program's code, or `CONNECTION_LOST`, `COPY_NO_ANSWER`; aborts with the signal's reason.
 */
export async function ask(
  agent: FileAgent,
  request: FileRequest,
  { signal }: Pick<TransferOptions, 'signal'>,
  data?: PutSource,
  onData?: (chunk: Buffer) => Promise<void>,
): Promise<{ bytes: number; sha256: string }> {
  const reader = new AnswerReader(onData)
  const result = await agent.run(
    { line: fileAgentLine(), stdin: data === undefined ? writeFileRequest(request) : withRequest(request, data) },
    { keepStdout: false, onStdout: chunk => reader.take(Buffer.from(chunk)), ...(signal !== undefined && { signal }) },
  )
  signal?.throwIfAborted()
  if (result.connectionLost) throw connectionLost(agent.where)
  const { answer } = reader
  if (answer?.ok === true) return answer
  if (answer !== undefined) throw refused(request.path, answer)
  throw noAnswer(agent.where, result)
}

/** The request goes before the bytes. */
function withRequest(request: FileRequest, data: PutSource): PutSource {
  const head = Buffer.from(writeFileRequest(request))
  let headTaken = false
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield head
    yield* data.chunks
  }
  return {
    chunks: chunks(),
    onTaken(bytes) {
      if (headTaken) data.onTaken?.(bytes)
      headTaken = true
    },
  }
}

/** Takes the answer's line off what the program writes, and hands the rest on. */
class AnswerReader {
  answer: FileAnswer | undefined
  readonly #onData: ((chunk: Buffer) => Promise<void>) | undefined
  #head = Buffer.alloc(0)

  constructor(onData: ((chunk: Buffer) => Promise<void>) | undefined) {
    this.#onData = onData
  }

  async take(chunk: Buffer): Promise<void> {
    if (this.answer !== undefined) {
      await this.#onData?.(chunk)
      return
    }
    this.#head = Buffer.concat([this.#head, chunk])
    const end = this.#head.indexOf(0x0a)
    if (end < 0 || end > headLimit) return
    this.answer = readFileAnswer(this.#head.subarray(0, end).toString('latin1'))
    const rest = this.#head.subarray(end + 1)
    if (this.answer !== undefined && rest.length > 0) await this.#onData?.(rest)
  }
}

export function connectionLost(where: string): TransferError {
  return new TransferError(`The connection to ${where} was lost.`, {
    code: 'CONNECTION_LOST',
    hint: 'Connect again: the server may have been restarted, or the network dropped the connection.',
  })
}

const hints: Readonly<Record<string, string>> = {
  FILE_MISSING: 'Check the path; its folder has to exist on the server.',
  ACCESS_DENIED: 'The account needs the rights of an administrator on the server.',
  TRANSFER_FAILED: 'Is there enough space, and is the file not in use on the server?',
}

function refused(path: string, { code, message }: Extract<FileAnswer, { ok: false }>): TransferError {
  const known = Object.hasOwn(hints, code) ? code : 'TRANSFER_FAILED'
  return new TransferError(`${path} could not be transferred: ${message}`, {
    code: known,
    ...(hints[known] !== undefined && { hint: hints[known] }),
  })
}

function noAnswer(where: string, { exitCode, stderr }: CommandResult): TransferError {
  const said = stderr.trim().slice(0, 300)
  return new TransferError(
    `The program that copies files gave no answer on ${where} (exit code ${exitCode ?? 'none'})${said === '' ? '' : `: ${said}`}`,
    {
      code: 'COPY_NO_ANSWER',
      hint: 'Is powershell.exe on the server, version 2.0 or newer, and allowed for this account?',
    },
  )
}
