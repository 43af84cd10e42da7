import { readFile } from 'node:fs/promises'
import { UsageError } from '../../../errors.js'
import { ByteReader } from '../../../transport/winrm/kerberos/byte-reader.js'
import type { EncryptionKey } from '../../../transport/winrm/kerberos/encryption.js'
import { KerberosError } from '../../../transport/winrm/kerberos/kerberos-error.js'

/** A key of a service, as a keytab has it. */
export interface KeytabEntry {
  realm: string
  /** `['HTTP', 'ex-01.contoso.com']` */
  principal: string[]
  /** Version of the key. */
  version: number
  key: EncryptionKey
}

/** Throws `UsageError` LAB_OPTIONS. */
export async function loadKeytab(file: string): Promise<KeytabEntry[]> {
  try {
    return readKeytab(await readFile(file.replace(/^(?:WR)?FILE:/, '')))
  } catch (error) {
    if (!(error instanceof KerberosError) && !(error instanceof Error && 'code' in error)) throw error
    throw new UsageError(`KRB5_KTNAME: ${file} is no keytab that can be read (${error.message})`, {
      code: 'LAB_OPTIONS',
      hint: 'kadmin ktadd -k FILE HTTP/localhost makes one; without KRB5_KTNAME the lab has no Kerberos.',
    })
  }
}

/** The entries of a keytab file ("Keytab file format" of MIT's documentation, version 2). Throws `KerberosError`. */
export function readKeytab(bytes: Buffer): KeytabEntry[] {
  const reader = new ByteReader(bytes)
  if (bytes.length < 2 || reader.short() !== 0x0502) throw new KerberosError('not a keytab of version 2')
  const entries: KeytabEntry[] = []
  while (reader.left > 0) {
    const size = reader.long() | 0
    // A negative size is a hole that a removed entry left.
    const entry = reader.take(Math.abs(size))
    if (size > 0) entries.push(readEntry(new ByteReader(entry)))
  }
  return entries
}

function readEntry(reader: ByteReader): KeytabEntry {
  const components = reader.short()
  const text = (): string => reader.take(reader.short()).toString('utf8')
  const realm = text()
  const principal = Array.from({ length: components }, text)
  // Type of the name, time.
  reader.take(8)
  const short = reader.byte()
  const key = { type: reader.short(), value: reader.take(reader.short()) }
  const version = reader.left >= 4 ? reader.long() : 0
  return { realm, principal, version: version === 0 ? short : version, key }
}
