import type { Credential, SecretSource } from '../inventory/model.js'
import { createMasker, type Masker } from './mask.js'
import { type ResolveContext, resolveSecret } from './resolve.js'

/** The secrets of one run: each is resolved once and masked from then on. */
export interface Secrets {
  /** The password of `credential`; undefined when it has none. Throws what `resolveSecret` throws. */
  password(credential: Credential): Promise<string | undefined>
  /** The passphrase of its key; undefined when it has none. */
  passphrase(credential: Credential): Promise<string | undefined>
  readonly masker: Masker
  /** Every secret resolved so far, under keys for `openSecrets({ given })` of another process. Goes over a pipe, never to disk or argv. */
  handOver(): Promise<Record<string, string>>
}

export interface SecretsContext extends Omit<ResolveContext, 'subject'> {
  /** What another process handed over: these are neither asked for nor read again. */
  given?: Readonly<Record<string, string>>
}

/**
 * Servers that share a credential share its secret: a prompt is shown once for each credential, a command runs
 * once. A failure is kept too, so that forty servers do not ask forty times.
 */
export function openSecrets({ given = {}, ...context }: SecretsContext): Secrets {
  const masker = createMasker(Object.values(given))
  const resolved = new Map(Object.entries(given).map(([key, secret]) => [key, Promise.resolve(secret)] as const))

  function resolveOnce(key: string, source: SecretSource, subject: string): Promise<string> {
    const known = resolved.get(key)
    if (known !== undefined) return known
    const secret = resolveSecret(source, { ...context, subject }).then(text => {
      masker.add(text)
      return text
    })
    resolved.set(key, secret)
    return secret
  }

  return {
    masker,
    async handOver() {
      const found: Record<string, string> = {}
      for (const [key, secret] of resolved) {
        const text = await secret.catch(() => undefined)
        if (text !== undefined) found[key] = text
      }
      return found
    },
    async password({ name, username, password }) {
      if (password === undefined) return undefined
      return resolveOnce(`password ${name}`, password, `Password for ${username}`)
    },
    async passphrase({ name, key }) {
      if (key?.passphrase === undefined) return undefined
      return resolveOnce(`passphrase ${name}`, key.passphrase, `Passphrase for ${key.file}`)
    },
  }
}
