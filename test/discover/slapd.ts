import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'

/** OpenLDAP's server: `EXROLL_SLAPD`, or where Debian's package slapd has it. Undefined where there is none. */
export function findSlapd(): string | undefined {
  return [process.env.EXROLL_SLAPD ?? '', '/usr/sbin/slapd'].find(file => file !== '' && existsSync(file))
}

/** What of Active Directory's schema the question needs, under numbers of OpenLDAP's experiments. */
const schema = `
attributetype ( 1.3.6.1.4.1.4203.666.7.1 NAME 'configurationNamingContext' SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )
attributetype ( 1.3.6.1.4.1.4203.666.7.2 NAME 'networkAddress' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 1.3.6.1.4.1.4203.666.7.3 NAME 'msExchCurrentServerRoles' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.4203.666.7.4 NAME 'msExchServerSite' SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.4203.666.7.5 NAME 'msExchMDBAvailabilityGroupLink' SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.8.1 NAME 'container' SUP top STRUCTURAL MUST cn )
objectclass ( 1.3.6.1.4.1.4203.666.8.2 NAME 'msExchExchangeServer' SUP top STRUCTURAL MUST cn
  MAY ( networkAddress $ serialNumber $ msExchCurrentServerRoles $ msExchServerSite $ msExchMDBAvailabilityGroupLink ) )
objectclass ( 1.3.6.1.4.1.4203.666.8.3 NAME 'msExchExchangeTransportServer' SUP msExchExchangeServer STRUCTURAL )
`

export interface SlapdOptions {
  folder: string
  suffix: string
  administrator: string
  password: string
  ldif: string
  tls: { key: string; cert: string }
}

export interface Slapd {
  ldap: string
  ldaps: string
  close(): Promise<void>
}

/** Starts slapd on loopback with these entries, over LDAP with StartTLS and over LDAPS. */
export async function startSlapd(slapd: string, options: SlapdOptions): Promise<Slapd> {
  const { folder, suffix, administrator, password, ldif, tls } = options
  const at = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  mkdirSync(join(folder, 'data'))
  const root = at('root.ldif', `dn:\nconfigurationNamingContext: ${suffix}\n`)
  const config = at(
    'slapd.conf',
    [
      `include ${join(dirname(slapd), '..', '..', 'etc', 'ldap', 'schema', 'core.schema')}`,
      schema,
      `modulepath ${join(dirname(slapd), '..', 'lib', 'ldap')}`,
      'moduleload back_mdb',
      `rootDSE ${root}`,
      `TLSCertificateFile ${at('cert.pem', tls.cert)}`,
      `TLSCertificateKeyFile ${at('key.pem', tls.key)}`,
      'database mdb',
      `suffix "${suffix}"`,
      `rootdn "${administrator}"`,
      `rootpw ${password}`,
      `directory ${join(folder, 'data')}`,
      '',
    ].join('\n'),
  )
  execFileSync(slapd, ['-T', 'add', '-f', config, '-l', at('entries.ldif', ldif)], { stdio: 'pipe' })
  const [plain, sealed] = [await freePort(), await freePort()]
  const [ldap, ldaps] = [`ldap://127.0.0.1:${plain}`, `ldaps://127.0.0.1:${sealed}`]
  const child = spawn(slapd, ['-d', '0', '-f', config, '-h', `${ldap} ${ldaps}`], { stdio: 'ignore' })
  await answering(child, sealed)
  return {
    ldap,
    ldaps,
    close: () =>
      new Promise(resolve => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

async function answering(child: ChildProcess, port: number): Promise<void> {
  while (child.exitCode === null) {
    const there = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (there) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`slapd ended with ${child.exitCode}`)
}
