import { z } from 'zod'
import { durationSchema } from '../input/duration.js'
import { roles } from '../inventory/model.js'
import { amountSchema } from './amount.js'
import { hooksSchema, notifySchema } from './hooks-schema.js'
import { actions, collectKinds, verifyChecks } from './model.js'

const text = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\S(?:.*\S)?$/s, { error: 'must not begin or end with a space' })
  // In double quotes YAML reads the \e of "updates\exchange.msp" as an escape character.
  .regex(/^\P{Cc}*$/u, { error: 'holds a control character: a backslash needs single quotes' })

/** No `;`: the patch's source list is separated by it (faults.md, "Staging"). */
const packageFile = text
  .regex(/^[^;]*$/, { error: 'must not hold a ";": Windows Installer takes it for the end of the path' })
  .regex(/\.[Mm][Ss][Pp]$/, { error: 'must name a patch package (.msp)' })
  .meta({
    description: "on the operator's machine; a relative path starts at the playbook's folder",
    examples: ['../updates/Exchange2007-KB952580-x64-EN.msp'],
  })

/** `\\server\share\...\file` (MS-DTYP 2.2.57), without what no name of Windows has. */
const sharePath = text
  .regex(/^[^;]*$/, { error: 'must not hold a ";": Windows Installer takes it for the end of the path' })
  .regex(/^\\\\[^\\/:*?"<>|]+(?:\\[^\\/:*?"<>|]+){2,}$/, {
    error: 'must be a UNC path: \\\\server\\share\\...\\FILE.msp',
  })
  .regex(/^(?!.*\\\.\.?(?:\\|$))/, { error: 'must not hold "." or ".." as a folder' })
  .meta({
    description: 'where the servers copy the package from by themselves, as the account that installs run as',
    examples: ['\\\\fs01\\updates\\Exchange2007-KB952580-x64-EN.msp'],
  })

const update = z
  .strictObject({
    file: packageFile,
    sha256: z
      .string()
      .regex(/^[0-9A-Fa-f]{64}$/, { error: 'must be the SHA-256 of the file: 64 hex digits' })
      .meta({
        description: 'required for a real run',
        examples: ['64 hex digits, from: sha256sum FILE, or Get-FileHash FILE'],
      })
      .optional(),
    share: sharePath.optional(),
  })
  .meta({ examples: [{ file: 'PATH.msp', sha256: '64 hex digits' }] })

const clock = z
  .string({ error: 'must be a time of day in quotes' })
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day, 00:00 to 23:59' })
  .meta({ examples: ["'22:00'"] })

const window = z
  .strictObject({
    from: clock,
    to: clock.meta({ examples: ["'05:00'"] }),
    tz: text.meta({ description: 'an IANA time zone', examples: ['Europe/Berlin'] }),
  })
  .meta({ examples: [{ from: "'22:00'", to: "'05:00'", tz: 'Europe/Berlin' }] })

const between = z.strictObject({
  soak: durationSchema.prefault('2m').meta({ description: 'how long a finished batch is left alone' }),
  confirm: z.boolean().default(false).meta({ description: 'wait for `exroll approve` before the next batch' }),
  health: z
    .array(z.enum(['services', 'owa']))
    .default(['services', 'owa'])
    .meta({ description: 'what must be well before the next batch', examples: [['services', 'owa']] }),
})

const rollout = z.strictObject({
  order: z
    .array(z.enum(roles))
    .min(1)
    .default(['edge', 'cas', 'hub', 'um', 'mailbox'])
    .meta({ description: 'ranks, first to last', examples: [['edge', 'cas', 'hub', 'um', 'mailbox']] }),
  canary: z
    .int()
    .min(0)
    .max(100_000)
    .default(1)
    .meta({ description: 'servers of the first rank that go first, alone', examples: [1] }),
  serial: z
    .array(amountSchema({ least: 1, examples: [1, '25%'] }))
    .min(1)
    .prefault([1, 5, '25%'])
    .meta({ description: 'batch sizes within each rank; the last repeats', examples: [[1, 5, '25%']] }),
  throttle: z
    .int()
    .min(1)
    .max(1_000)
    .default(25)
    .meta({ description: 'servers at once, over the whole run', examples: [25] }),
  max_fail: amountSchema({ least: 0, examples: [0, '5%'] })
    .prefault(0)
    .meta({ description: 'failed + unreachable + unknown servers that are tolerated', examples: [0, '5%'] }),
  max_fail_per_batch: amountSchema({ least: 0, examples: [1, '50%'] })
    .meta({ description: 'the same of one batch; no limit beyond max_fail without it', examples: [1, '50%'] })
    .optional(),
  on_failure: z.enum(['finish-batch', 'stop-starting', 'continue']).default('finish-batch'),
  between: between.prefault({}),
  windows: z.array(window).default([]).meta({ description: 'when servers may be started' }),
})

const settings = z.strictObject({
  crl_check: z
    .enum(['auto', 'off-during-install', 'leave'])
    .default('auto')
    .meta({ description: "auto = off only where the job's account cannot reach the CRL" }),
  server_certificate_revocation: z.enum(['leave', 'off-during-install']).default('leave'),
  execution_policy: z
    .enum(['auto', 'RemoteSigned', 'Unrestricted', 'leave'])
    .default('auto')
    .meta({ description: 'auto = change only if scripts could not run' }),
  after: z
    .enum(['previous', 'recommended'])
    .default('previous')
    .meta({ description: 'previous = exactly as before; recommended = CRL checking on, RemoteSigned' }),
})

const install = z.strictObject({
  timeout: durationSchema.prefault('2h'),
  stall_after: durationSchema.prefault('25m').meta({ description: 'no new log line for this long is a stall' }),
  on_stall: z.enum(['report', 'end']).default('report'),
  run_as: text.default('system').meta({
    description: 'who the install runs as: system, or a credential of the inventory by its name',
    examples: ['system', 'exjob'],
  }),
  log: z.enum(['/lxv*', '/lxv*!']).default('/lxv*').meta({ description: "msiexec's logging switch" }),
  reboot: z.enum(['never', 'before', 'if-needed', 'always']).default('if-needed'),
})

/** A playbook as it is written (product.md, "Playbook"). The JSON Schema is made of its input side. */
export const playbookSchema = z
  .strictObject({
    name: text.meta({ examples: ['Exchange 2007 SP1, Update Rollup 4'] }),
    action: z.enum(actions).meta({ examples: ['apply'] }),
    update: update.optional(),
    rollout: rollout.prefault({}),
    allow: z
      .array(text.meta({ examples: ['pending-reboot', 'pending-reboot@ex-cas-01'] }))
      .default([])
      .meta({ description: 'blocks of precheck to let through', examples: [['pending-reboot']] }),
    settings: settings.prefault({}),
    install: install.prefault({}),
    services: z
      .strictObject({ start_timeout: durationSchema.prefault('15m') })
      .prefault({})
      .meta({ examples: [{ start_timeout: '15m' }] }),
    verify: z.array(z.enum(verifyChecks)).default([...verifyChecks]),
    collect: z.array(z.enum(collectKinds)).default([...collectKinds]),
    hooks: hooksSchema.default({}),
    notify: notifySchema.default({}),
  })
  .meta({ title: 'exroll playbook', description: 'What to roll out over a fleet, and how carefully.' })

/** What the schema gives out: every default filled in, durations in milliseconds. */
export type PlaybookDocument = z.output<typeof playbookSchema>
