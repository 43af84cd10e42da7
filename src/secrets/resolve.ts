import { execFile } from 'node:child_process'
import { UsageError } from '../errors.js'
import type { SecretSource } from '../inventory/model.js'
import { readPrivateFile } from './private-file.js'

/** Asks the operator, without echo. `subject` says whose secret it is: `Password for CONTOSO\exadmin`. */
export type Prompt = (subject: string) => Promise<string>

export interface ResolveContext {
  env: Readonly<Record<string, string | undefined>>
  /** Absent where there is no terminal: a `prompt` source is then refused. */
  prompt?: Prompt | undefined
  /** Shown to the operator by a `prompt` source. */
  subject?: string
  /** Milliseconds a `command` or a `vault` may take. */
  commandTimeoutMs?: number
}

/** Milliseconds that another program has to give a secret. */
const askedMs = 60_000

/**
 * The secret that `source` stands for. Of a file and of a command's output one trailing newline is dropped.
 *
 * Throws `UsageError` with a code (`SECRET_ENV_MISSING`, `SECRET_FILE_UNREADABLE`, `SECRET_FILE_OPEN`,
 * `SECRET_COMMAND_FAILED`, `SECRET_VAULT`, `SECRET_NO_TERMINAL`, `SECRET_EMPTY`) that never holds the secret.
 */
export async function resolveSecret(source: SecretSource, context: ResolveContext): Promise<string> {
  const secret = await read(source, context)
  if (secret !== '') return secret
  throw new UsageError(`The secret from ${describeSource(source)} is empty.`, {
    code: 'SECRET_EMPTY',
    hint: 'Put the password there, or name another source in the inventory.',
  })
}

/** Names where a secret comes from, for messages: `$EXROLL_PASSWORD`, `/etc/exroll/password`. */
export function describeSource(source: SecretSource): string {
  if ('env' in source) return `the environment variable ${source.env}`
  if ('file' in source) return source.file
  // Only the program: an argument of somebody's command could be a secret itself.
  if ('command' in source) return `the command ${source.command[0] ?? '(none)'}`
  if ('vault' in source) {
    const { entry, name } = source.vault
    return `the secret ${entry} of ${name === undefined ? 'the default vault' : `the vault ${name}`}`
  }
  return 'the prompt'
}

async function read(source: SecretSource, context: ResolveContext): Promise<string> {
  if ('env' in source) return fromEnvironment(source.env, context)
  if ('file' in source) return withoutNewline((await readPrivateFile(source.file)).toString('utf8'))
  if ('command' in source) return withoutNewline(await fromCommand(source.command, context))
  if ('vault' in source) {
    // Loaded for those who have one: it brings the checks of what PowerShell answers with it.
    const { readVault } = await import('./vault.js')
    return readVault(source.vault, { ...context.env }, context.commandTimeoutMs ?? askedMs)
  }
  if (context.prompt === undefined) {
    throw new UsageError('A password has to be asked for, and there is no terminal to ask on.', {
      code: 'SECRET_NO_TERMINAL',
      hint: 'Start exroll from a terminal, or use env, file or command as the source.',
    })
  }
  return context.prompt(context.subject ?? 'Password')
}

function fromEnvironment(name: string, { env }: ResolveContext): string {
  const value = env[name]
  if (value !== undefined) return value
  throw new UsageError(`The environment variable ${name} is not set.`, {
    code: 'SECRET_ENV_MISSING',
    hint: `Set ${name} to the password before starting exroll.`,
  })
}

function fromCommand(argv: readonly string[], { env, commandTimeoutMs = askedMs }: ResolveContext): Promise<string> {
  const [file, ...args] = argv
  return new Promise((resolve, reject) => {
    const fail = (what: string) =>
      reject(
        new UsageError(`The command ${file ?? '(none)'} that gives a password ${what}.`, {
          code: 'SECRET_COMMAND_FAILED',
          hint: 'Run it by hand: it has to print the password on its standard output and end with 0. It is started without a shell.',
        }),
      )
    if (file === undefined) return fail('is empty')
    // What it wrote is kept out of the error: a failing password tool may print what it was asked for.
    const child = execFile(
      file,
      args,
      { env, timeout: commandTimeoutMs, maxBuffer: 64 * 1024, shell: false, windowsHide: true, encoding: 'utf8' },
      (error, stdout) => {
        if (error === null) return resolve(stdout)
        if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return fail('printed too much')
        if (error.killed === true) return fail('did not end in time')
        fail(typeof error.code === 'number' ? `ended with ${error.code}` : `could not be run (${error.code})`)
      },
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end()
  })
}

function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, '')
}
