import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ConnectError } from '../../errors.js'
import { type KnownHost, parseKnownHosts } from './known-hosts.js'

/** Where OpenSSH keeps the hosts that this user knows. */
export function defaultKnownHosts(): string {
  return join(homedir(), '.ssh', 'known_hosts')
}

/** The hosts of a known_hosts file. Throws `ConnectError` KNOWN_HOSTS_UNREADABLE. */
export async function readKnownHosts(file: string): Promise<KnownHost[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    // No file yet is a file without hosts: the host is unknown, and that error says what to add.
    if (code === 'ENOENT') return []
    throw new ConnectError(`${file} cannot be read (${code}).`, {
      code: 'KNOWN_HOSTS_UNREADABLE',
      hint: 'Correct its permissions, or pin the key with ssh.host_key in the inventory.',
    })
  }
}
