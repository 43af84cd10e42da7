import { TransferError } from '../../../errors.js'
import { firstLines, stderrWords } from '../../../powershell/clixml.js'
import type { HeldFile } from '../../partial-upload.js'
import { connectionLost } from '../../transfer-errors.js'
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

/** The chunks that follow a `put`; each that the server has taken is told of. */
export interface PutSource {
  /** `there` = what the file holds, for a `put` that asks; undefined when no answer came, and nothing is wanted any more. */
  chunks(there: Promise<HeldFile | undefined>): AsyncIterable<Uint8Array>
  onTaken?: (bytes: number) => void
}

/** An answer's line is short; more than this before its end is no answer of the program. */
const headLimit = 8192
/** Bytes in front of an answer and beside it: what a profile or cmd.exe's AutoRun prints, not what goes on for ever. */
const noiseLimit = 64 * 1024
/** What is there, and what was made of it. */
const mostAnswers = 2

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
): Promise<HeldFile> {
  const reader = new AnswerReader(agent.where, onData)
  const stdin = data === undefined ? writeFileRequest(request) : withRequest(request, data, reader.first)
  let result: CommandResult
  try {
    result = await agent.run(
      { line: fileAgentLine(), stdin },
      {
        keepStdout: false,
        onStdout: chunk => reader.take(Buffer.from(chunk)),
        ...(signal !== undefined && { signal }),
      },
    )
  } finally {
    reader.end()
  }
  signal?.throwIfAborted()
  if (result.connectionLost) throw connectionLost(agent.where)
  const { answer } = reader
  // The first answer of two is not the one to the whole.
  const isWhole = request.offset !== 'ask' || reader.count > 1
  if (answer?.ok === true && isWhole) return answer
  if (answer?.ok === false) throw refused(request.path, answer)
  throw noAnswer(agent.where, result)
}

/** The request goes before the bytes. */
function withRequest(request: FileRequest, data: PutSource, there: Promise<HeldFile | undefined>): InputSource {
  const head = Buffer.from(writeFileRequest(request))
  let headTaken = false
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield head
    yield* data.chunks(there)
  }
  return {
    chunks: chunks(),
    onTaken(bytes) {
      if (headTaken) data.onTaken?.(bytes)
      headTaken = true
    },
  }
}

/** Takes the lines of answers off what the program writes; with `onData` one line, and hands the rest on. */
class AnswerReader {
  /** The last one. */
  answer: FileAnswer | undefined
  count = 0
  /** What the first one says, if it is no refusal; undefined when there is none. */
  readonly first: Promise<HeldFile | undefined>
  #settleFirst: (there: HeldFile | undefined) => void = () => undefined
  readonly #where: string
  readonly #onData: ((chunk: Buffer) => Promise<void>) | undefined
  #head = Buffer.alloc(0)
  #noise = 0
  #dataBytes = 0

  constructor(where: string, onData: ((chunk: Buffer) => Promise<void>) | undefined) {
    this.#where = where
    this.#onData = onData
    this.first = new Promise(resolve => {
      this.#settleFirst = resolve
    })
  }

  /** Throws `TransferError` COPY_NO_ANSWER when what comes is no answer of the program. */
  async take(chunk: Buffer): Promise<void> {
    if (this.answer !== undefined && this.#onData !== undefined) return this.#takeData(chunk)
    this.#head = Buffer.concat([this.#head, chunk])
    for (let end = this.#head.indexOf(0x0a); end >= 0 && end <= headLimit; end = this.#head.indexOf(0x0a)) {
      const answer = readFileAnswer(this.#head.subarray(0, end).toString('latin1'))
      this.#head = this.#head.subarray(end + 1)
      if (answer === undefined) {
        this.#noise += end
        continue
      }
      this.answer = answer
      this.count += 1
      if (this.count > mostAnswers) throw strayOutput(this.#where, 'more answers than it was asked for')
      this.#settleFirst(answer.ok ? answer : undefined)
      if (this.#onData !== undefined) return this.#takeData(this.#head)
    }
    if (this.#noise + this.#head.length > noiseLimit) throw strayOutput(this.#where, 'something else than an answer')
  }

  async #takeData(chunk: Buffer): Promise<void> {
    if (chunk.length === 0 || this.answer?.ok !== true) return
    this.#dataBytes += chunk.length
    if (this.#dataBytes > this.answer.bytes) throw strayOutput(this.#where, 'more bytes than the file has')
    await this.#onData?.(chunk)
  }

  /** Nothing more comes. */
  end(): void {
    this.#settleFirst(undefined)
  }
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

function strayOutput(where: string, what: string): TransferError {
  return new TransferError(`The program that copies files wrote ${what} on ${where}.`, {
    code: 'COPY_NO_ANSWER',
    hint: 'Does a profile or the AutoRun of cmd.exe print something there, or does something between here and the server change what is sent?',
  })
}

function noAnswer(where: string, { exitCode, stderr }: CommandResult): TransferError {
  const said = firstLines(stderrWords(stderr), 3).slice(0, 300)
  return new TransferError(
    `The program that copies files gave no answer on ${where} (exit code ${exitCode ?? 'none'})${said === '' ? '' : `: ${said}`}`,
    {
      code: 'COPY_NO_ANSWER',
      hint: 'Is powershell.exe on the server, version 2.0 or newer, and allowed for this account?',
    },
  )
}
