import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import type { ReadStream } from 'node:tty'
import type { DiscoveredLogon, Discovery } from '../discover/model.js'
import { UsageError } from '../errors.js'
import { resolveSecret } from '../secrets/resolve.js'
import { terminalPrompt } from '../secrets/terminal-prompt.js'
import { readVarsFiles } from './ansible-files.js'
import type { CommandIo } from './io.js'
import { whileAsking } from './signals.js'

export interface SourceOptions {
  ansible?: string
  /** A server to ask, or the tools of this machine. */
  exchange?: string | true
  ldap?: string
  username?: string
  passwordEnv?: string
  ca?: string
  ldapClearText?: true
}

export interface Found {
  discovery: Discovery
  /** How servers are logged on to of which the source does not say it. */
  logon: DiscoveredLogon
}

/** Asks the one source that the options name. Throws `UsageError` USAGE and what the source throws. */
export async function askSource(options: SourceOptions, io: CommandIo): Promise<Found> {
  const { ansible, exchange, ldap, username } = options
  if ([ansible, exchange, ldap].filter(one => one !== undefined).length !== 1) {
    throw usage(
      'Name one source: --ansible FILE, --exchange [SERVER] or --ldap URL.',
      'exroll inventory discover --help shows what each needs.',
    )
  }
  const ofLdap = ['passwordEnv', 'ca', 'ldapClearText'] as const
  const stray = ofLdap.find(name => ldap === undefined && options[name] !== undefined)
  if (stray !== undefined)
    throw usage(`--${stray.replace(/[A-Z]/g, '-$&').toLowerCase()} goes with --ldap.`, 'Leave it out.')
  if (ansible !== undefined) return fromAnsible(resolve(io.cwd, ansible), username)
  return ldap === undefined
    ? fromExchange(exchange === true ? undefined : exchange, username, io)
    : fromDirectory(ldap, options, io)
}

/** Ansible logs on as the user who runs it, unless something else is said. */
async function fromAnsible(file: string, username = userInfo().username): Promise<Found> {
  const { readAnsible } = await import('../discover/ansible/read.js')
  return { discovery: readAnsible(readSource(file), file, readVarsFiles(file)), logon: { username } }
}

/** A name of a machine as DNS and Windows know it: it becomes part of a URL. */
const machineName = /^[\w.-]+$/

async function fromExchange(remote: string | undefined, username: string | undefined, io: CommandIo): Promise<Found> {
  if (remote !== undefined && !machineName.test(remote)) {
    throw usage(`--exchange ${remote} names no machine.`, 'Give its full name: --exchange ex-hub-01.contoso.com')
  }
  const { askExchangeShell } = await import('../discover/exchange-shell.js')
  const { exchangeDiscovery } = await import('../discover/exchange.js')
  const { discovery, operator } = exchangeDiscovery(
    await askExchangeShell({ env: io.env, ...(remote !== undefined && { remote }) }),
  )
  return { discovery, logon: { username: username ?? operator } }
}

async function fromDirectory(url: string, options: SourceOptions, io: CommandIo): Promise<Found> {
  const { username, passwordEnv, ca, ldapClearText } = options
  if (username === undefined) {
    throw usage(
      '--ldap needs --username.',
      '--username DOMAIN\\user; the password is asked for, or comes from --password-env NAME.',
    )
  }
  const { askDirectory } = await import('../discover/ldap.js')
  const { directoryDiscovery } = await import('../discover/directory.js')
  const authority = ca === undefined ? undefined : readSource(resolve(io.cwd, ca))
  const password = await whileAsking(signal =>
    resolveSecret(passwordEnv === undefined ? { prompt: true } : { env: passwordEnv }, {
      env: io.env,
      prompt: terminalPrompt(io.stdin as ReadStream, io.stderr, signal),
      subject: `Password for ${username}`,
    }),
  )
  const entries = await askDirectory({ url, username, password, ca: authority, clearText: ldapClearText === true })
  return { discovery: directoryDiscovery(entries, url), logon: { username } }
}

function readSource(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new UsageError(`${file} cannot be read (${code === 'EISDIR' ? 'it is a folder' : code}).`, {
      code: 'SOURCE_UNREADABLE',
      hint: 'Name a file that you may read. A folder of inventories becomes one file with: ansible-inventory -i FOLDER --list --yaml',
      cause,
    })
  }
}

function usage(message: string, hint: string): UsageError {
  return new UsageError(message, { code: 'USAGE', hint })
}
