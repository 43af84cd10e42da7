import { z } from 'zod'
import type { Diagnosis } from './finding.js'

const line = z.int().min(1).meta({ description: "from 1, counting the file's own lines" })
const id = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
const count = z.int().min(0)

const cause = z.object({
  id,
  confidence: z.enum(['certain', 'likely', 'possible']),
  title: z.string().min(1),
  evidence: z.array(z.object({ line, text: z.string() })),
  remedy: z.array(z.string().min(1)).meta({ description: 'what to do, a step each' }),
  fix: z.string().min(1).exactOptional().meta({ description: 'an exroll command that does it' }),
})

const attempt = z.object({
  outcome: z.enum(['failed', 'succeeded', 'incomplete']),
  exitCode: z.int().nullable().meta({ description: 'null where the log does not say' }),
  product: z.string().exactOptional(),
  update: z.string().exactOptional(),
  kb: z
    .string()
    .regex(/^KB\d+$/)
    .exactOptional(),
  firstFailure: z.object({ line, action: z.string(), returnValue: z.int() }).exactOptional(),
  causes: z.array(cause).meta({ description: 'the best first' }),
  redHerrings: z.array(z.object({ id, lines: z.array(line) })).meta({ description: 'what was set aside' }),
  gaps: z
    .array(z.object({ line, seconds: count, action: z.string().exactOptional(), phase: z.string().exactOptional() }))
    .exactOptional()
    .meta({ description: 'times in which nothing was written, from a minute on, the longest first' }),
})

/** What `exroll diagnose --json` prints (product.md, "Diagnosis"). Fields may be added; a new `schema` may change anything. */
export const diagnosisSchema = z
  .object({
    schema: z.literal('exroll.diagnosis/1'),
    files: z.array(
      z.object({
        path: z.string(),
        kind: z.enum(['msi', 'exchange-setup', 'service-control', 'update-cas', 'events', 'unknown']),
        encoding: z.string(),
        bytes: count,
        lines: count,
        attempts: z.array(attempt),
      }),
    ),
  })
  .meta({
    title: 'exroll diagnosis',
    description: 'What exroll diagnose --json prints.',
  }) satisfies z.ZodType<Diagnosis>
