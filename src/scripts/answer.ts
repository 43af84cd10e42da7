import { ScriptError } from '../errors.js'
import { contractVersion, type ScriptProgress } from './catalog.js'

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
    else if (value?.type === 'progress') {
      const { type: _, ...progress } = value
      onProgress(progress)
    } else if (noise.length < 20) noise.push(line)
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

/** The data of an envelope. Throws `ScriptError`: with the script's own code, or `SCRIPT_CONTRACT` for another contract. */
export function openEnvelope(name: string, envelope: Envelope): unknown {
  if (envelope.contract !== contractVersion) {
    throw new ScriptError(
      `${name} answered by contract ${String(envelope.contract)}, this exroll speaks ${contractVersion}`,
      {
        code: 'SCRIPT_CONTRACT',
        hint: 'Use the same exroll that started the run.',
      },
    )
  }
  if (envelope.ok === true) return envelope.data
  const { code, message, hint } = envelope.error ?? {}
  throw new ScriptError(typeof message === 'string' ? message : `${name} failed and did not say why`, {
    code: typeof code === 'string' ? code : 'SCRIPT_FAILED',
    ...(typeof hint === 'string' && hint !== '' ? { hint } : {}),
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
