import { z } from 'zod'
import { durationSchema } from '../input/duration.js'
import { clusterTypes, roles, transportNames } from './model.js'

const text = z
  .string()
  .min(1)
  .regex(/^\S(?:.*\S)?$/s, { error: 'must not begin or end with a space' })
  // In double quotes YAML reads the \e of "CONTOSO\exadmin" as an escape character.
  .regex(/^\P{Cc}*$/u, { error: 'holds a control character: a backslash needs single quotes' })
const path = text.meta({ examples: ['secrets/exadmin.txt'] })
const wholeFrom1 = z.int().min(1)
const port = wholeFrom1.max(65_535).meta({ examples: [22] })

const inlineSecret = 'must say where the secret comes from: a secret is never written into an inventory'
const sourceExamples = [
  { env: 'EXROLL_PASSWORD' },
  { file: 'secrets/exadmin.txt' },
  { command: ['pass', 'exadmin'] },
  { vault: { entry: 'exadmin' } },
  { prompt: true },
]

/** Where a secret comes from: exactly one of the five. */
const secretSource = z
  .strictObject(
    {
      env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'must be the name of an environment variable' })
        .meta({ examples: ['EXROLL_PASSWORD'] })
        .optional(),
      file: path.optional(),
      command: z
        .array(z.string().min(1))
        .min(1)
        .meta({
          description: 'started without a shell; {server} and {host} stand for the server that is asked for',
          examples: [['pass', 'show', 'exadmin']],
        })
        .optional(),
      vault: z
        .strictObject({
          entry: text.meta({ examples: ['exadmin'] }),
          name: text.meta({ examples: ['Work'] }).optional(),
        })
        .meta({ examples: [{ entry: 'exadmin' }] })
        .optional(),
      prompt: z.literal(true).optional(),
    },
    { error: issue => (issue.code === 'invalid_type' ? inlineSecret : undefined) },
  )
  .refine(source => Object.keys(source).length === 1, {
    error: 'must name exactly one source of the secret',
    params: {
      code: 'SECRET_SOURCE',
      instead:
        '{ env: NAME } | { file: PATH } | { command: [PROGRAM, ARGUMENT] } | { vault: { entry: NAME } } | { prompt: true }',
    },
  })
  .meta({ minProperties: 1, maxProperties: 1, examples: sourceExamples })

const credential = z
  .strictObject({
    username: text.meta({ examples: ["'CONTOSO\\exadmin'"] }),
    password: secretSource.optional(),
    key: z
      .strictObject({ file: path, passphrase: secretSource.optional() })
      .meta({ examples: [{ file: 'keys/id_ed25519', passphrase: { env: 'EXROLL_PASSPHRASE' } }] })
      .optional(),
    agent: z
      .boolean()
      .meta({
        description: "the operator's own logon: the SSH agent, a Kerberos ticket, or that of the hosted PowerShell",
      })
      .optional(),
  })
  // The domain keeps the password of a group managed service account, whose name ends in $: for install.run_as.
  .refine(
    ({ username, password, key, agent }) =>
      password !== undefined || key !== undefined || agent === true || username.endsWith('$'),
    {
      error: 'has no way to log on',
      params: { code: 'NO_LOGON', instead: 'password: { env: EXROLL_PASSWORD } | key: { file: PATH } | agent: true' },
    },
  )
  .meta({ examples: [{ username: "'CONTOSO\\exadmin'", password: { env: 'EXROLL_PASSWORD' } }] })

const hostKey = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, { error: 'must be a fingerprint as `ssh-keygen -lf` prints it' })
  .meta({ examples: ["'SHA256:' and 43 characters, from: ssh-keygen -lf KEY.pub"] })

const jump = z
  .string()
  .regex(/^(?:[^@\s:/]+@)?(?:\[[0-9a-fA-F:.]+\]|[^@:\s/[\]]+)(?::\d{1,5})?$/, { error: 'must be a host to go through' })
  .meta({ examples: ['bastion.contoso.com', 'operator@bastion.contoso.com:2222'] })

const ssh = z.strictObject({
  host_key: hostKey.optional(),
  known_hosts: path.meta({ examples: ['known_hosts'] }).optional(),
  jump: jump.optional(),
  jump_credential: text.meta({ examples: ['bastion'] }).optional(),
  jump_host_key: hostKey.optional(),
  connect_timeout: durationSchema.optional(),
  keep_alive: durationSchema.optional(),
})

const winrm = z.strictObject({
  scheme: z.enum(['http', 'https']).optional(),
  auth: z.enum(['negotiate', 'kerberos', 'basic', 'certificate']).optional(),
  ca: path.meta({ examples: ['ca.pem'] }).optional(),
  fingerprint: z
    .string()
    .regex(/^(?:[0-9A-Fa-f]{2}[: ]?){19}(?:[: ]?(?:[0-9A-Fa-f]{2}[: ]?){12})?[0-9A-Fa-f]{2}$/, {
      error: "must be a certificate's SHA-1 or SHA-256 in hex",
    })
    .meta({ examples: ["'9C:1F:...', from: certutil -dump CERT.cer"] })
    .optional(),
  certificate_check: z
    .literal('skipped-for-this-server')
    .meta({ description: 'believe whatever certificate this one server shows' })
    .optional(),
  clear_text: z
    .literal('accepted')
    .meta({ description: 'let logon and messages over http be read by everyone on the way' })
    .optional(),
  spn: z.enum(['HTTP', 'WSMAN']).meta({ description: 'service class of the Kerberos name' }).optional(),
})

const powershell = z.strictObject({
  over: z.enum(['winrm', 'ssh']).optional(),
  authentication: z.enum(['negotiate', 'kerberos', 'credssp']).optional(),
  configuration: text.meta({ examples: ['Microsoft.PowerShell'] }).optional(),
  use_ssl: z.boolean().optional(),
  subsystem: text.meta({ examples: ['powershell'] }).optional(),
})

const settings = {
  transport: z.enum(transportNames).optional(),
  port: port.optional(),
  credential: text.meta({ examples: ['exadmin'] }).optional(),
  roles: z
    .array(z.enum(roles))
    .min(1)
    .meta({ examples: [['cas', 'hub']] })
    .optional(),
  site: text.meta({ examples: ['London'] }).optional(),
  internet_facing: z.boolean().optional(),
  ssh: ssh.optional(),
  winrm: winrm.optional(),
  powershell: powershell.optional(),
}

const cluster = z
  .strictObject({ type: z.enum(clusterTypes), name: text.meta({ examples: ['CMS1'] }) })
  .meta({ examples: [{ type: 'ccr', name: 'CMS1' }] })

/** Names folders of the run and of the pulled logs, also on Windows: no separators, no device names. */
const serverName = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9_-])?$/, { error: 'must be letters, digits, "-", "_" and "."' })
  .regex(/^(?!(?:[Cc][Oo][Nn]|[Pp][Rr][Nn]|[Aa][Uu][Xx]|[Nn][Uu][Ll]|[Cc][Oo][Mm]\d|[Ll][Pp][Tt]\d)(?:\.|$))/, {
    error: 'must not be a device name of Windows',
  })
  .meta({ examples: ['ex-cas-01'] })

const host = z
  .string()
  .regex(/^(?:[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_])?\.?|(?=.*:.*:)[0-9a-fA-F:.]+(?:%[\w.-]+)?)$/u, {
    error: 'must be a host name or an address alone; the port and the user have keys of their own',
  })
  .meta({ examples: ['ex-cas-01.contoso.com'] })

const server = z
  .strictObject({
    name: serverName,
    host,
    groups: z
      .array(text)
      .meta({ examples: [['london']] })
      .optional(),
    ...settings,
    cluster: cluster.optional(),
  })
  .meta({ examples: [{ name: 'ex-cas-01', host: 'ex-cas-01.contoso.com', roles: ['cas'] }] })

/** An inventory as it is written (product.md, "Inventory"). The JSON Schema is made of its input side. */
export const inventorySchema = z
  .strictObject({
    defaults: z.strictObject(settings).optional(),
    credentials: z
      .record(text, credential)
      .meta({ examples: [{ exadmin: { username: "'CONTOSO\\exadmin'", password: { env: 'EXROLL_PASSWORD' } } }] })
      .optional(),
    groups: z.record(text, z.strictObject({ ...settings, cluster: cluster.optional() })).optional(),
    servers: z.array(server).min(1),
  })
  .meta({ title: 'exroll inventory', description: 'The servers of a fleet, and how to get to them.' })

/** What the schema takes in and gives out: durations are milliseconds then. */
export type InventoryDocument = z.output<typeof inventorySchema>
export type ServerDocument = InventoryDocument['servers'][number]
export type CredentialDocument = z.output<typeof credential>
export type SecretDocument = z.output<typeof secretSource>
