import ssh2, { type AnyAuthMethod, type AuthenticationType, type ParsedKey, type Prompt } from 'ssh2'
import { AuthError, ToolError } from '../../errors.js'
import type { Credential } from '../../inventory/model.js'
import { readPrivateFile } from '../../secrets/private-file.js'
import type { Secrets } from '../../secrets/secrets.js'
import { agentSocket } from './agent.js'

/** A credential with its secrets, ready to be used once. */
export interface Logon {
  username: string
  credentialName: string
  key?: ParsedKey
  /** Socket or pipe of the SSH agent. */
  agent?: string
  password?: string
}

/** Reads what `credential` names. Throws `AuthError` when a secret, a key or the agent cannot be had. */
export async function readLogon(
  credential: Credential,
  secrets: Secrets,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Logon> {
  try {
    const logon: Logon = { username: credential.username, credentialName: credential.name }
    if (credential.key !== undefined) {
      logon.key = parseKey(
        await readPrivateFile(credential.key.file),
        await secrets.passphrase(credential),
        credential.key.file,
      )
    }
    if (credential.agent === true) logon.agent = agentOf(env)
    const password = await secrets.password(credential)
    if (password !== undefined) logon.password = password
    return logon
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof AuthError) throw error
    throw new AuthError(`Credential ${credential.name}: ${error.message}`, {
      code: error.code,
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    })
  }
}

export interface LogonAttempt {
  /** ssh2's `authHandler`: the next method, or false when there is none left. */
  next(offered: readonly string[] | null): AnyAuthMethod | false
  /** Once the password was sent it is never sent again on this connection. */
  readonly passwordSent: boolean
  /** The methods that the server takes, as far as it said. */
  readonly offered: readonly string[]
  readonly tried: readonly string[]
}

/**
 * The order of methods on one connection: key, agent, password; the password over `keyboard-interactive` where the
 * server has no `password` method. Each is used once. `onUnanswerable` is called when the server asks for something
 * that is not one password.
 */
export function startLogon(logon: Logon, onUnanswerable: (error: AuthError) => void): LogonAttempt {
  const left = candidates(logon)
  const tried: string[] = []
  let offered: readonly string[] = []
  let passwordSent = false
  let answered = false

  function answer(prompts: readonly Prompt[], finish: (answers: string[]) => void): void {
    const [prompt] = prompts
    if (answered || prompts.length !== 1 || prompt?.echo === true || logon.password === undefined) {
      onUnanswerable(unanswerable(logon, answered))
      return
    }
    answered = true
    passwordSent = true
    finish([logon.password])
  }

  function use(method: 'key' | 'agent' | 'password'): AnyAuthMethod {
    const { username } = logon
    tried.push(method)
    if (method === 'key' && logon.key !== undefined) return { type: 'publickey', username, key: logon.key }
    if (method === 'agent' && logon.agent !== undefined) return { type: 'agent', username, agent: logon.agent }
    if (!offered.includes('password')) {
      return { type: 'keyboard-interactive', username, prompt: (_n, _i, _l, prompts, done) => answer(prompts, done) }
    }
    passwordSent = true
    return { type: 'password', username, password: logon.password ?? '' }
  }

  return {
    next(methods) {
      // The first request only asks what the server takes, as OpenSSH's client does: no guess is wasted.
      if (methods === null) return { type: 'none', username: logon.username }
      offered = methods
      const at = left.findIndex(method => accepts(methods, method))
      const [method] = at < 0 ? [] : left.splice(at, 1)
      return method === undefined ? false : use(method)
    },
    get passwordSent() {
      return passwordSent
    },
    get offered() {
      return offered
    },
    tried,
  }
}

function candidates({ key, agent, password }: Logon): ('key' | 'agent' | 'password')[] {
  return [
    ...(key === undefined ? [] : (['key'] as const)),
    ...(agent === undefined ? [] : (['agent'] as const)),
    ...(password === undefined ? [] : (['password'] as const)),
  ]
}

function accepts(methods: readonly string[], method: 'key' | 'agent' | 'password'): boolean {
  const wanted: AuthenticationType[] = method === 'password' ? ['password', 'keyboard-interactive'] : ['publickey']
  return wanted.some(name => methods.includes(name))
}

function unanswerable({ username }: Logon, answered: boolean): AuthError {
  return answered
    ? new AuthError(`The password of ${username} was refused: the server asked again.`, {
        code: 'AUTH_FAILED',
        hint: 'It was sent once and is not sent again, so that the account is not locked. Check the credential.',
      })
    : new AuthError(`The server asks ${username} for more than one password (keyboard-interactive).`, {
        code: 'AUTH_FAILED',
        hint: 'exroll answers one password question. Use a key, or allow plain password logon on the server.',
      })
}

function parseKey(data: Buffer, passphrase: string | undefined, file: string): ParsedKey {
  const parsed: ParsedKey | Error | undefined = [ssh2.utils.parseKey(data, passphrase)].flat()[0]
  if (parsed !== undefined && !(parsed instanceof Error)) {
    if (parsed.isPrivateKey()) return parsed
    throw new AuthError(`${file} holds a public key.`, {
      code: 'KEY_UNREADABLE',
      hint: 'Name the private key: usually the same path without .pub.',
    })
  }
  const needsPassphrase = passphrase === undefined && /no passphrase/i.test(parsed?.message ?? '')
  throw new AuthError(
    needsPassphrase ? `The key ${file} has a passphrase.` : `The key ${file} cannot be read${reason(passphrase)}.`,
    {
      code: 'KEY_UNREADABLE',
      hint: needsPassphrase
        ? 'Give it: key: { file: ..., passphrase: { env: NAME } }, or use the SSH agent (agent: true).'
        : 'Try: ssh-keygen -yf FILE. OpenSSH, PEM and PuTTY formats are read.',
    },
  )
}

function reason(passphrase: string | undefined): string {
  return passphrase === undefined ? ': not a private key exroll knows' : ' with the passphrase given'
}

function agentOf(env: Readonly<Record<string, string | undefined>>): string {
  const socket = agentSocket(env)
  if (socket !== undefined) return socket
  throw new AuthError('There is no SSH agent: SSH_AUTH_SOCK is not set.', {
    code: 'AGENT_MISSING',
    hint: 'Start one (eval "$(ssh-agent)") and add a key (ssh-add), or use a password or a key file.',
  })
}
