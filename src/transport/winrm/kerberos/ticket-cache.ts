import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ByteReader } from './byte-reader.js'
import type { EncryptionKey } from './encryption.js'
import { KerberosError } from './kerberos-error.js'

/** A ticket and its key out of a cache. */
export interface CachedTicket {
  key: EncryptionKey
  /** The Ticket of RFC 4120 as it is sent. */
  ticket: Buffer
}

/**
 * The tickets of a cache file of MIT or Heimdal ("Credential cache file format" of MIT's documentation, versions 3 and 4).
 * Throws `KerberosError`.
 */
export function readTicketCache(bytes: Buffer): CachedTicket[] {
  const version = bytes.length < 2 ? 0 : bytes.readUInt16BE(0)
  if (version !== 0x0503 && version !== 0x0504) throw new KerberosError('not a ticket cache of version 3 or 4')
  const reader = new ByteReader(bytes, 2)
  if (version === 0x0504) reader.take(reader.short())
  skipPrincipal(reader)
  const tickets: CachedTicket[] = []
  while (reader.left > 0) tickets.push(readTicket(reader, version))
  return tickets
}

function readTicket(reader: ByteReader, version: number): CachedTicket {
  skipPrincipal(reader)
  skipPrincipal(reader)
  const type = reader.short()
  if (version === 0x0503) reader.short()
  const key = { type, value: reader.take(reader.long()) }
  // Four times, a byte that says whether another key is used, flags.
  reader.take(4 * 4 + 1 + 4)
  // Addresses, then authorization data: type and bytes each.
  for (let list = 0; list < 2; list += 1) {
    for (let count = reader.long(); count > 0; count -= 1) {
      reader.short()
      reader.take(reader.long())
    }
  }
  const ticket = reader.take(reader.long())
  reader.take(reader.long())
  return { key, ticket }
}

function skipPrincipal(reader: ByteReader): void {
  reader.long()
  const components = reader.long()
  // The realm, then the components of the name.
  for (let part = 0; part <= components; part += 1) reader.take(reader.long())
}

/** Whose environment names the cache. */
export interface CacheOwner {
  env: Readonly<Record<string, string | undefined>>
  uid: number
}

/** The key that belongs to `ticket`, out of the operator's ticket cache. Throws `KerberosError`, as `openTicketCache` does. */
export async function findTicketKey(ticket: Buffer, owner: CacheOwner): Promise<EncryptionKey> {
  const { path, tickets } = await openTicketCache(owner)
  const found = tickets.find(cached => cached.ticket.equals(ticket))
  if (found === undefined) throw new KerberosError(`${path} does not hold the ticket that was used`)
  return found.key
}

/**
 * The operator's ticket cache: KRB5CCNAME, else default_ccache_name of krb5.conf, else /tmp/krb5cc_UID (MIT's documentation, "Default
 * credential cache name"). Throws `KerberosError` with where it looked.
 */
export async function openTicketCache(owner: CacheOwner): Promise<{ path: string; tickets: CachedTicket[] }> {
  const name = owner.env.KRB5CCNAME ?? (await configuredName(owner)) ?? `FILE:/tmp/krb5cc_${owner.uid}`
  const path = await cachePath(name)
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw new KerberosError(`${path} cannot be read (${codeOf(error)})`)
  }
  return { path, tickets: readTicketCache(bytes) }
}

async function configuredName({ env, uid }: CacheOwner): Promise<string | undefined> {
  const text = await readFile(env.KRB5_CONFIG ?? '/etc/krb5.conf', 'utf8').catch(() => '')
  return /^\s*default_ccache_name\s*=\s*(\S+)/m.exec(text)?.[1]?.replaceAll(/%\{(?:euid|uid)\}/g, String(uid))
}

async function cachePath(name: string): Promise<string> {
  const [, type = 'FILE', rest = name] = /^([A-Z]{2,}):(.*)$/.exec(name) ?? []
  if (type === 'FILE') return rest
  if (type !== 'DIR')
    throw new KerberosError(`the tickets are in ${type}:, whose keys only the Kerberos library can read`)
  if (rest.startsWith(':')) return rest.slice(1)
  const primary = await readFile(join(rest, 'primary'), 'utf8').catch(() => 'tkt')
  return join(rest, primary.trim())
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
