import { z } from 'zod'

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const pattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g

/** setTimeout takes no longer delay (2^31 - 1 ms, about 24 days). */
const longestMs = 2 ** 31 - 1

/** Milliseconds of `90s`, `15m`, `2h`, `1h30m`, `0s`; undefined when the text is none of these or is longer than 24 days. */
export function parseDuration(text: string): number | undefined {
  if (!pattern.test(text)) return undefined
  let ms = 0
  for (const [, amount, unit] of text.matchAll(part)) ms += Number(amount) * units[unit as keyof typeof units]
  return ms <= longestMs ? Math.round(ms) : undefined
}

/** A duration in YAML, in milliseconds after parsing. */
export const durationSchema = z
  .string({ error: 'must be a duration: a number and a unit' })
  .regex(pattern, { error: 'must be a duration: a number and a unit (s, m, h)', abort: true })
  .transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== undefined) return ms
    context.addIssue({ code: 'custom', message: 'is longer than 24 days', params: { code: 'WRONG_VALUE' } })
    return z.NEVER
  })
  .meta({ examples: ['90s', '15m', '2h'] })
