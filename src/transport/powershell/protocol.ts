import { z } from 'zod'

/**
 * What goes to the hosted shell (ps-scripts/transport/Start-SessionHost.ps1), one line each: the word `exroll-host` and JSON in base64, so
 * that nothing of it is ever PowerShell text.
 */
export type HostRequest = { id: number } & (
  | {
      verb: 'open'
      lane: string
      session: Record<string, unknown>
      credential?: { username: string; password: string }
    }
  | { verb: 'run'; lane: string; script: string; arguments: HostArgument[] }
  | { verb: 'stop'; target: number }
  | { verb: 'close'; lane: string }
  | { verb: 'ping' }
)

/** Bytes go as base64. */
export type HostArgument = { text: string } | { bytes: string }

/**
 * ConvertFrom-Json takes text that looks like a date for one, and gives a DateTime for it: 2026-11-26T00:00:00Z since PowerShell 6,
 * \/Date(0)\/ in Windows PowerShell. A mark in front keeps every text what it is; the host takes it off.
 */
const textMark = '='

export function encodeRequest(request: HostRequest): string {
  const marked = Object.fromEntries(
    Object.entries(request).map(([name, value]) => [name, markedFields.includes(name) ? markTexts(value) : value]),
  )
  return `exroll-host ${Buffer.from(JSON.stringify(marked), 'utf8').toString('base64')}\n`
}

/** What holds text of others; the rest is exroll's own. */
const markedFields = ['session', 'credential', 'arguments']

function markTexts(value: unknown): unknown {
  if (typeof value === 'string') return `${textMark}${value}`
  if (Array.isArray(value)) return value.map(markTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, markTexts(inner)]))
}

const mostTerminalCodes = 64

const answerSchema = z.union([
  z.object({ id: z.int(), object: z.string() }),
  z.object({
    id: z.int(),
    ended: z.enum(['ready', 'opened', 'ran', 'closed', 'failed', 'stopped', 'alive']),
    lost: z.boolean().optional(),
    error: z.string().optional(),
    errorId: z.string().optional(),
    version: z.string().optional(),
    edition: z.string().optional(),
  }),
])

/** One line of the shell: an object that a script gave, or how a request ended. */
export type HostAnswer = z.infer<typeof answerSchema>
export type HostEnd = Extract<HostAnswer, { ended: string }>

/** The answer in a line; undefined for a line of the shell's own. */
export function decodeAnswer(line: string): HostAnswer | undefined {
  // pwsh on Linux puts codes for the keypad of a terminal before what it prints, also into a pipe.
  const start = line.indexOf('{')
  if (start < 0 || start > mostTerminalCodes) return undefined
  try {
    const parsed = answerSchema.safeParse(JSON.parse(line.slice(start)))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
