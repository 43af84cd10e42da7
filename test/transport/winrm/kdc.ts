import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadKerberos } from '../../../src/transport/winrm/auth/kerberos-module.js'

const programs = ['/usr/sbin/krb5kdc', '/usr/sbin/kdb5_util', '/usr/sbin/kadmin.local', '/usr/bin/kinit']
export const hasKdc = programs.every(program => existsSync(program))

/** The package is no dependency; .ci/run lends it to the tests. */
export const hasPackage = await loadKerberos().then(
  () => true,
  () => false,
)

export const realm = 'EXLAB.EXAMPLE'

export interface Kdc {
  folder: string
  /** For every program that uses this realm. */
  env: { KRB5CCNAME: string; KRB5_KTNAME: string } & Record<string, string>
  /** One command of kadmin. */
  kadmin(...words: string[]): void
  close(): Promise<void>
}

export interface KdcOptions {
  /** Has a ticket from the start; its password is `right`. */
  user: string
  /** Services whose keys are in the keytab. */
  principals: string[]
  /** Services that the realm knows, and the keytab does not. */
  withoutKey?: string[]
}

/** A realm of its own on 127.0.0.1. */
export async function startKdc({ user, principals, withoutKey = [] }: KdcOptions): Promise<Kdc> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-kdc-'))
  const port = await freePort()
  writeFileSync(
    join(folder, 'krb5.conf'),
    `[libdefaults]
 default_realm = ${realm}
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
[realms]
 ${realm} = {
  kdc = 127.0.0.1:${port}
 }
[domain_realm]
 localhost = ${realm}
`,
  )
  writeFileSync(
    join(folder, 'kdc.conf'),
    `[kdcdefaults]
 kdc_listen = 127.0.0.1:${port}
 kdc_tcp_listen = 127.0.0.1:${port}
[realms]
 ${realm} = {
  database_name = ${join(folder, 'principal')}
  key_stash_file = ${join(folder, 'stash')}
  supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
 }
`,
  )
  const env = {
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    KRB5_KTNAME: join(folder, 'keytab'),
    KRB5CCNAME: `FILE:${join(folder, 'tickets')}`,
    KRB5RCACHETYPE: 'none',
  }
  const options = { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'] }
  const kadmin = (...words: string[]): void => {
    execFileSync('/usr/sbin/kadmin.local', ['-r', realm, '-q', words.join(' ')], options)
  }
  execFileSync('/usr/sbin/kdb5_util', ['-r', realm, 'create', '-s', '-P', 'master'], options)
  kadmin('addprinc', '-pw', 'right', user)
  for (const principal of principals) {
    kadmin('addprinc', '-randkey', principal)
    kadmin('ktadd', '-k', env.KRB5_KTNAME, principal)
  }
  for (const principal of withoutKey) kadmin('addprinc', '-randkey', principal)
  const kdc: ChildProcess = spawn('/usr/sbin/krb5kdc', ['-n', '-r', realm], { ...options, stdio: 'ignore' })
  const ended = new Promise<void>(done => kdc.once('close', () => done()))
  const close = async () => {
    kdc.kill()
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await kinit(user, options)
  } catch (error) {
    await close()
    throw error
  }
  return { folder, env, kadmin, close }
}

/** The KDC listens a moment after it was started. */
async function kinit(user: string, options: { env: NodeJS.ProcessEnv }): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      execFileSync('/usr/bin/kinit', [user], { ...options, input: 'right\n', stdio: 'pipe' })
      return
    } catch (error) {
      if (attempt > 50) throw error
      await new Promise(done => setTimeout(done, 100))
    }
  }
}

/** This process uses the realm, until what is returned is called. */
export function lendEnvironment({ env }: Kdc): () => void {
  const before = { ...process.env }
  Object.assign(process.env, env)
  return () => {
    for (const name of Object.keys(env)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise(done => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
