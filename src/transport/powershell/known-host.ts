import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { ConnectError } from '../../errors.js'
import { fingerprint } from '../ssh/host-key.js'

/**
 * A known_hosts file that holds the one key whose fingerprint the inventory pins: ssh itself knows keys only, so the server is asked for its key
 * first. Returns the file and what removes it. Throws `ConnectError` CONNECT_FAILED or
 * HOST_KEY_CHANGED; aborts with the signal's reason.
 */
export async function pinnedKnownHosts(
  { host, port }: { host: string; port: number },
  pin: string,
  signal?: AbortSignal,
): Promise<{ file: string; remove: () => void }> {
  const key = await askForKey(host, port, signal)
  const found = fingerprint(key)
  if (found.replace(/=+$/, '') !== pin.replace(/=+$/, '')) {
    throw new ConnectError(`${host}:${port} has the host key ${found}, the inventory says ${pin}.`, {
      code: 'HOST_KEY_CHANGED',
      hint: 'Find out why its key changed before anything else; then correct ssh.host_key in the inventory.',
    })
  }
  const folder = mkdtempSync(join(tmpdir(), 'exroll-known-hosts-'))
  const file = join(folder, 'known_hosts')
  const name = port === 22 ? host : `[${host}]:${port}`
  const type = key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')
  writeFileSync(file, `${name} ${type} ${key.toString('base64')}\n`, { mode: 0o600 })
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Goes as far as the key exchange, and no further: no logon is tried. */
function askForKey(host: string, port: number, signal: AbortSignal | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    signal?.addEventListener('abort', () => {
      reject(signal.reason)
      client.destroy()
    })
    client.on('error', cause => {
      reject(
        new ConnectError(`${host}:${port} cannot be reached over SSH: ${cause.message}`, {
          code: 'CONNECT_FAILED',
          hint: 'Is its SSH server running, and does a firewall let this port through?',
          cause,
        }),
      )
    })
    client.connect({
      host,
      port,
      username: 'exroll',
      readyTimeout: 30_000,
      algorithms: { serverHostKey: ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'] },
      hostVerifier: (key: Buffer) => {
        resolve(Buffer.from(key))
        client.destroy()
        return false
      },
    })
  })
}
