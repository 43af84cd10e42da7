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
}

/**
 * Servers that share a credential share its secret: a prompt is shown once for each credential, a command runs
 * once. A failure is kept too, so that forty servers do not ask forty times.
 */
export function openSecrets(context: Omit<ResolveContext, 'subject'>): Secrets {
  const masker = createMasker()
  const resolved = new Map<string, Promise<string>>()

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
