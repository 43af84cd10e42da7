import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { UsageError } from '../errors.js'
import type { Credential, InventoryServer } from '../inventory/model.js'
import { credentialFor } from '../inventory/per-server.js'

/** The longest greeting that is read: some credentials, nothing else. */
const mostGreetingCharacters = 64 * 1024

const greetingSchema = z.strictObject({
  credentials: z.array(z.strictObject({ username: z.string().min(1), password: z.string().min(1) })),
})

export type GivenCredential = z.infer<typeof greetingSchema>['credentials'][number]

/** What the program that hosts exroll (the PowerShell module) says over stdin. */
export interface Host {
  credentials: GivenCredential[]
  /** Aborted when the host closes stdin, or is gone: it means the first Ctrl-C. */
  stop: AbortSignal
}

/**
 * Reads the greeting, the first line of stdin: `{"credentials":[{"username":"CONTOSO\\exadmin","password":"..."}]}`. Passwords come
 * this way because a command line, an environment and a file can be looked at. Throws `UsageError` HOST_GREETING without its content.
 */
export async function meetHost(stdin: Readable): Promise<Host> {
  const stop = new AbortController()
  const line = await firstLine(stdin)
  const greeting = greetingSchema.safeParse(parsed(line))
  if (!greeting.success) {
    throw new UsageError('the first line on stdin is no greeting', {
      code: 'HOST_GREETING',
      hint: '--hosted is for programs that host exroll: one line of JSON, {"credentials":[]}. Leave it out on a terminal.',
    })
  }
  stdin.on('error', () => stop.abort())
  stdin.on('end', () => stop.abort())
  stdin.on('close', () => stop.abort())
  stdin.resume()
  // Listening to the host must not keep a finished program alive.
  if (stdin instanceof Socket) stdin.unref()
  return { credentials: greeting.data.credentials, stop: stop.signal }
}

/**
 * Passwords of the host under the keys of `openSecrets({ given })`, each for the credentials of the inventory with the same user name: a
 * password is never sent to another account's logon. Throws `UsageError` CREDENTIAL_UNUSED for one that fits none.
 */
export function hostSecrets(
  given: readonly GivenCredential[],
  servers: readonly InventoryServer[],
  jobAccount?: Credential | undefined,
): Record<string, string> {
  const known = servers.flatMap(server => {
    const job = jobAccount === undefined ? undefined : credentialFor(jobAccount, server)
    return [server.credential, server.ssh.jumpCredential, job].filter(credential => credential !== undefined)
  })
  const secrets: Record<string, string> = {}
  for (const { username, password } of given) {
    const fitting = known.filter(credential => sameUser(credential, username))
    if (fitting.length === 0) {
      const names = [...new Set(known.map(credential => credential.username))]
      throw new UsageError(`no credential of the inventory has the user name ${username}`, {
        code: 'CREDENTIAL_UNUSED',
        hint: `It has: ${names.join(', ')}.`,
      })
    }
    for (const { name } of fitting) secrets[`password ${name}`] = password
  }
  return secrets
}

/** Windows' names know no case. */
function sameUser(credential: Credential, username: string): boolean {
  return credential.username.toLowerCase() === username.toLowerCase()
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function firstLine(stdin: Readable): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    const done = () => {
      stdin.off('data', take)
      stdin.off('end', done)
      stdin.off('error', done)
      stdin.pause()
      resolve(text.split('\n')[0] ?? '')
    }
    const take = (piece: Buffer | string) => {
      text += String(piece)
      if (text.includes('\n') || text.length > mostGreetingCharacters) done()
    }
    stdin.on('data', take)
    stdin.once('end', done)
    stdin.once('error', done)
  })
}
