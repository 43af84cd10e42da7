import { z } from 'zod'
import { type RunEvent, stepNames } from './event.js'

const name = z.string().min(1)
const names = z.array(name)
const batch = z.int().min(1)
const step = z.enum(stepNames)
const line = z.int().min(1)
const confidence = z.enum(['certain', 'likely', 'possible'])
const serverOutcomes = ['changed', 'ok', 'skipped', 'blocked', 'failed', 'unreachable', 'unknown'] as const
const count = z.int().min(0)

/** What every event has: which run, its place in the journal, when. */
const envelope = {
  v: z.literal(1),
  run: name,
  seq: z.int().min(0).meta({ description: 'ascending within a run; gaps are events that only went to a screen' }),
  at: z.iso.datetime({ precision: 3 }).meta({ description: 'UTC, milliseconds' }),
}

const error = z.object({
  code: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/)
    .meta({ description: 'stable' }),
  message: z.string(),
  hint: z.string().exactOptional(),
})

/** A registry value, a start type or a policy name; null is absence. */
const settingValue = z.union([z.string(), z.number(), z.null()])

const setting = {
  server: name,
  setting: z.enum(['crl', 'server-certificate-revocation', 'execution-policy', 'installer-logging', 'start-type']),
  scope: z.string().meta({ description: "an account's SID, an execution policy scope, or a service's name" }),
  from: settingValue,
  to: settingValue,
}

function event<const Type extends string, const Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.object({ ...envelope, type: z.literal(type), ...shape }).meta({ title: type })
}

/**
 * Every event of product.md, "Events": one JSON object a line in the journal and of `--ui ndjson`. Fields that are not named here may be
 * added by a later version and change nothing; a new `v` may change anything.
 */
export const runEventSchema = z
  .discriminatedUnion('type', [
    event('run.started', {
      action: name,
      dryRun: z.boolean(),
      servers: z.array(z.object({ name, roles: names, batch })),
      tool: z.string().exactOptional(),
      playbook: z.string().exactOptional(),
      title: z.string().exactOptional(),
    }),
    event('batch.started', { batch, servers: names }),
    event('batch.finished', { batch, servers: names }),
    event('server.finished', {
      server: name,
      outcome: z.enum(serverOutcomes),
      cause: z.string().exactOptional(),
      note: z.string().exactOptional(),
    }),
    event('step.started', {
      server: name,
      step,
      attempt: z.int().min(1),
      script: z.string().exactOptional(),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .meta({ description: 'of the script as it was sent' })
        .exactOptional(),
    }),
    event('step.progress', {
      server: name,
      step,
      percent: z.number().min(0).max(100).exactOptional(),
      note: z.string(),
    }),
    event('step.finished', {
      server: name,
      step,
      outcome: z.enum(['ok', 'changed', 'skipped', 'failed', 'unknown']),
      ms: count,
      error: error.exactOptional(),
      note: z.string().exactOptional(),
    }),
    event('setting.changed', setting),
    event('setting.restored', setting),
    event('setting.stuck', setting),
    event('setting.predicted', setting),
    event('service.state', { server: name, running: count, expected: count, down: names }),
    event('precheck.blocked', {
      server: name,
      block: name,
      message: z.string(),
      remedy: z.string(),
      allowed: z.boolean(),
    }),
    event('log.line', { server: name, log: name, line, text: z.string() }),
    event('diagnosis.made', {
      server: name,
      id: name,
      confidence,
      title: z.string(),
      evidence: z.array(z.object({ log: name, line, text: z.string() })),
      remedy: z.array(z.string()),
      fix: z.string().exactOptional(),
    }),
    event('control.taken', {
      action: z.enum(['pause', 'resume', 'abort', 'retry', 'skip', 'restore', 'approve', 'leave']),
      by: name,
      server: name.exactOptional(),
    }),
    event('run.finished', {
      outcome: z.enum(['ok', 'failed', 'stopped', 'stuck']),
      exitCode: z.int().min(0).max(255),
      counts: z.object({
        changed: count,
        ok: count,
        skipped: count,
        blocked: count,
        failed: count,
        unreachable: count,
        unknown: count,
      }),
    }),
  ])
  .meta({
    title: 'exroll event',
    description: 'One line of a journal or of --ui ndjson.',
  }) satisfies z.ZodType<RunEvent>
