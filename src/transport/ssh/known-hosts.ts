import { createHmac } from 'node:crypto'
import { matchesPattern } from './pattern.js'

/** One key of a known_hosts file (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export interface KnownHost {
  /** `@revoked` keys are refused on every host they match. `@cert-authority` lines are left out. */
  revoked: boolean
  /** Comma-separated patterns, or one hashed name `|1|salt|hash`. */
  hosts: string
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`, ... as the key itself says. */
  keyType: string
  /** The key in SSH wire format. */
  key: Buffer
  /** Line number, from 1. */
  line: number
}

/** Reads the text of a known_hosts file. A line that cannot be read is passed over, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHost[] {
  const found: KnownHost[] = []
  text.split('\n').forEach((raw, index) => {
    const entry = parseLine(raw.trim(), index + 1)
    if (entry !== undefined) found.push(entry)
  })
  return found
}

/** The entries that speak of `host` at `port`, revoked ones included. */
export function entriesFor(entries: readonly KnownHost[], host: string, port: number): KnownHost[] {
  const name = knownHostName(host, port)
  return entries.filter(entry => matchesHosts(name, entry.hosts))
}

/** How known_hosts names a host: bare on port 22, `[host]:port` elsewhere. */
export function knownHostName(host: string, port: number): string {
  const lower = host.toLowerCase()
  return port === 22 ? lower : `[${lower}]:${port}`
}

/** The line to add so that `key` is known for the host. */
export function knownHostLine(host: string, port: number, key: Buffer): string {
  return `${knownHostName(host, port)} ${keyTypeOf(key) ?? 'unknown'} ${key.toString('base64')}`
}

/** The type that a key in SSH wire format names itself with; undefined when it is no key. */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined
  const length = key.readUInt32BE(0)
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined
  const type = key.toString('latin1', 4, 4 + length)
  return /^[\x21-\x7e]+$/.test(type) ? type : undefined
}

function parseLine(text: string, line: number): KnownHost | undefined {
  if (text === '' || text.startsWith('#')) return undefined
  const fields = text.split(/[ \t]+/)
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined
  if (marker !== undefined && marker !== '@revoked') return undefined
  const [hosts, , encoded] = fields
  if (hosts === undefined || encoded === undefined) return undefined
  const key = Buffer.from(encoded, 'base64')
  const keyType = keyTypeOf(key)
  if (keyType === undefined || keyType !== fields[1]) return undefined
  return { revoked: marker === '@revoked', hosts, keyType, key, line }
}

function matchesHosts(name: string, hosts: string): boolean {
  if (hosts.startsWith('|')) return matchesHashed(name, hosts)
  let matched = false
  for (const pattern of hosts.split(',')) {
    const negated = pattern.startsWith('!')
    const glob = negated ? pattern.slice(1) : pattern
    if (glob === '' || !matchesPattern(name, glob)) continue
    // A negated match wins over every other pattern of the line.
    if (negated) return false
    matched = true
  }
  return matched
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt, both base64 (`ssh-keygen -H`). */
function matchesHashed(name: string, hashed: string): boolean {
  const [, magic, salt, hash] = hashed.split('|')
  if (magic !== '1' || salt === undefined || hash === undefined) return false
  const expected = Buffer.from(hash, 'base64')
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(expected)
}
