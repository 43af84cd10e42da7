import { ScriptError } from '../errors.js'
import { answerSchemas, progressSchema } from './answer-schema.js'
import { contractVersion, type ScriptName, type ScriptProgress, type ScriptResult } from './catalog.js'

/** Characters of a server's words that are kept: of a line that is none of a script's, or of an error. */
const longestWords = 4000

interface Envelope {
  type: 'result'
  contract: number
  ok: boolean
  data?: unknown
  error?: { code?: unknown; message?: unknown; hint?: unknown }
}

export interface AnswerReader {
  /** Takes stdout as it comes; progress is passed on line by line. */
  take(chunk: Uint8Array): void
  /** Reads a last line that has no end. */
  end(): void
  /** The envelope, once it was read. */
  readonly envelope: Envelope | undefined
  /** The lines that are neither: what something else printed. */
  readonly noise: string[]
}

/** Reads the NDJSON of a call's stdout: progress lines, then one envelope. Lines that are not ours are kept as noise. */
export function createAnswerReader(onProgress: (progress: ScriptProgress) => void): AnswerReader {
  const decoder = new TextDecoder()
  /** The beginning of a line, in the pieces that it came in: a long one is joined once. */
  let pending: string[] = []
  let envelope: Envelope | undefined
  const noise: string[] = []

  function takeLine(text: string): void {
    const line = text.replace(/\r$/, '')
    if (line.trim() === '') return
    const value = parsed(line)
    if (value?.type === 'result') envelope = value as unknown as Envelope
    else if (value?.type === 'progress' && progressSchema.safeParse(value).success) {
      const { type: _, ...progress } = value
      onProgress(progress)
    } else if (noise.length < 20) noise.push(line.slice(0, longestWords))
  }

  function takeText(text: string): void {
    const [rest = '', ...lines] = text.split('\n')
    pending.push(rest)
    for (const line of lines) {
      takeLine(pending.join(''))
      pending = [line]
    }
  }

  return {
    take: chunk => takeText(decoder.decode(chunk, { stream: true })),
    end() {
      takeText(`${decoder.decode()}\n`)
    },
    get envelope() {
      return envelope
    },
    noise,
  }
}

/**
 * The data of an envelope. Throws `ScriptError`: with the script's own code, or `SCRIPT_CONTRACT` for another contract and for data that
 * are not what the script answers: nobody who uses them has to ask again.
 */
export function openEnvelope<N extends ScriptName>(name: N, { contract, ok, data, error }: Envelope): ScriptResult<N> {
  if (contract !== contractVersion) {
    throw new ScriptError(`${name} answered by contract ${String(contract)}, this exroll speaks ${contractVersion}`, {
      code: 'SCRIPT_CONTRACT',
      hint: 'Use the same exroll that started the run.',
    })
  }
  if (ok === true) return checked(name, data)
  const { code, message, hint } = error ?? {}
  throw new ScriptError(
    typeof message === 'string' ? message.slice(0, longestWords) : `${name} failed and did not say why`,
    {
      code: typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,60}$/.test(code) ? code : 'SCRIPT_FAILED',
      ...(typeof hint === 'string' && hint !== '' ? { hint: hint.slice(0, longestWords) } : {}),
    },
  )
}

function checked<N extends ScriptName>(name: N, data: unknown): ScriptResult<N> {
  const { error } = answerSchemas[name].safeParse(data)
  if (error === undefined) return data as ScriptResult<N>
  const [first] = error.issues
  const place = first?.path.map(String).join('.') ?? ''
  throw new ScriptError(`${name} answered something else than it should${place === '' ? '' : `, in ${place}`}.`, {
    code: 'SCRIPT_CONTRACT',
    hint: 'Is the PowerShell on the server the one that came with Windows, and does nothing on it or on the way change what scripts print?',
  })
}

function parsed(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
