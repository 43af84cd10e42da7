import { createHash } from 'node:crypto'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { ConnectError } from '../../errors.js'
import { entriesFor, type KnownHost, keyTypeOf, knownHostLine } from './known-hosts.js'

/** What ssh2 offers by default, in its order, by the type of the key that answers. */
const algorithmFamilies: readonly { keyType: string; algorithms: readonly ServerHostKeyAlgorithm[] }[] = [
  { keyType: 'ssh-ed25519', algorithms: ['ssh-ed25519'] },
  { keyType: 'ecdsa-sha2-nistp256', algorithms: ['ecdsa-sha2-nistp256'] },
  { keyType: 'ecdsa-sha2-nistp384', algorithms: ['ecdsa-sha2-nistp384'] },
  { keyType: 'ecdsa-sha2-nistp521', algorithms: ['ecdsa-sha2-nistp521'] },
  { keyType: 'ssh-rsa', algorithms: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] },
]

export interface HostKeyRules {
  host: string
  port: number
  /** The key's fingerprint from the inventory; wins over known_hosts. */
  pin?: string | undefined
  known: readonly KnownHost[]
  /** Where `known` came from, for messages. */
  knownHostsFile: string
  /** The inventory's name for the pin: `host_key`, or `jump_host_key`. */
  pinSetting: string
}

/** `SHA256:base64` without padding, as `ssh-keygen -lf` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

/**
 * The lists of host key algorithms to offer, one for each try. A server has several keys and shows one: with
 * known_hosts the known types come first, as OpenSSH does; a pin does not say its type, so when the first key
 * shown is not the pinned one, the other types are asked for before the host is refused.
 */
export function algorithmTries(rules: HostKeyRules): ServerHostKeyAlgorithm[][] {
  if (rules.pin !== undefined) {
    return [algorithmFamilies, ...algorithmFamilies.map(family => [family])].map(toAlgorithms)
  }
  const types = new Set(trusted(rules).map(entry => entry.keyType))
  const known = algorithmFamilies.filter(({ keyType }) => types.has(keyType))
  const others = algorithmFamilies.filter(({ keyType }) => !types.has(keyType))
  return [toAlgorithms([...known, ...others])]
}

/**
 * Undefined when `key` is the host's, else the error to refuse it with: `HOST_KEY_UNKNOWN`, `HOST_KEY_CHANGED` or
 * `HOST_KEY_REVOKED`.
 */
export function checkHostKey(key: Buffer, rules: HostKeyRules): ConnectError | undefined {
  const seen = fingerprint(key)
  const where = `${rules.host}:${rules.port}`
  if (rules.pin !== undefined) {
    const pin = rules.pin.replace(/=+$/, '')
    if (pin === seen) return undefined
    return changed(`${where} shows host key ${seen}, but the inventory expects ${pin}.`, rules)
  }
  const entries = entriesFor(rules.known, rules.host, rules.port)
  const revoked = entries.find(entry => entry.revoked && entry.key.equals(key))
  if (revoked !== undefined) {
    return new ConnectError(`${where} shows host key ${seen}, which is revoked.`, {
      code: 'HOST_KEY_REVOKED',
      hint: `Line ${revoked.line} of ${rules.knownHostsFile} revokes it. The server needs a new host key.`,
    })
  }
  const expected = trusted(rules)
  if (expected.some(entry => entry.key.equals(key))) return undefined
  if (expected.length === 0) return unknown(key, seen, rules)
  const sameType = expected.filter(entry => entry.keyType === keyTypeOf(key))
  const prints = (sameType.length > 0 ? sameType : expected).map(
    entry => `${fingerprint(entry.key)} (${entry.keyType}, line ${entry.line})`,
  )
  return changed(
    `${where} shows host key ${seen} (${keyTypeOf(key)}), but ${rules.knownHostsFile} has ${prints.join(', ')}.`,
    rules,
  )
}

function trusted({ known, host, port }: HostKeyRules): KnownHost[] {
  return entriesFor(known, host, port).filter(entry => !entry.revoked)
}

function toAlgorithms(families: typeof algorithmFamilies): ServerHostKeyAlgorithm[] {
  return families.flatMap(({ algorithms }) => algorithms)
}

function changed(message: string, { pin, pinSetting, knownHostsFile }: HostKeyRules): ConnectError {
  const remedy = pin === undefined ? `replace the line in ${knownHostsFile}` : `correct ${pinSetting} in the inventory`
  return new ConnectError(message, {
    code: 'HOST_KEY_CHANGED',
    hint: `Somebody may be between you and the server, or it was installed anew. If that is so, check the fingerprint on its console (ssh-keygen -lf), then ${remedy}.`,
  })
}

function unknown(key: Buffer, seen: string, { host, port, knownHostsFile, pinSetting }: HostKeyRules): ConnectError {
  return new ConnectError(`The host key of ${host}:${port} is not known: ${seen} (${keyTypeOf(key)}).`, {
    code: 'HOST_KEY_UNKNOWN',
    hint: [
      'Compare the fingerprint with the one on the console of the server (ssh-keygen -lf). If it is the same, add to the inventory',
      `  ssh: { ${pinSetting}: '${seen}' }`,
      `or to ${knownHostsFile}`,
      `  ${knownHostLine(host, port, key)}`,
    ].join('\n'),
  })
}
