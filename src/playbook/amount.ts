import { z } from 'zod'
import type { Amount } from './model.js'

/** Up to 100 %, decimals allowed: `25%`, `12.5%`, `100%`. */
const percentage = /^(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%$/

interface Bounds {
  /** The smallest count; of percentages zero is allowed when this is 0. */
  least: 0 | 1
  examples: (number | string)[]
}

/** A count or a percentage of something that the key names: `5`, `25%`. After parsing an `Amount`. */
export function amountSchema({ least, examples }: Bounds): z.ZodType<Amount, number | string> {
  const count = z
    .int()
    .min(least)
    .max(100_000)
    .transform(found => ({ count: found }))
  const percent = z
    .string()
    .regex(percentage, { error: 'must be a whole number, or a percentage from 0% to 100%', abort: true })
    .transform(text => ({ percent: Number.parseFloat(text) }))
    .refine(found => least === 0 || found.percent > 0, { error: 'must be more than 0%', params: { instead: '1' } })
  return z.union([count, percent], { error: 'must be a whole number, or a percentage such as 25%' }).meta({ examples })
}
