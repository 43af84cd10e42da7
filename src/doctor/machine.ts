import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { UsageError } from '../errors.js'
import { scriptParameters } from '../scripts/catalog.js'
import { scriptHash } from '../scripts/load.js'
import { ntowfV2 } from '../transport/winrm/ntlm/keys.js'
import { lookAtCredentialSources } from './credential-sources.js'
import type { Way } from './hop.js'
import { lookAtKerberos } from './kerberos.js'

export interface Machine {
  /** Where run folders go. */
  runs: string
  env: NodeJS.ProcessEnv
  nodeVersion: string
  /** Lowest version of Node that exroll runs on, `20.19`. */
  needsNode: string
}

/** What exroll needs of the machine that it runs on, and where passwords could come from there. Reads only. */
export async function lookAtMachine(way: Way, { runs, env, nodeVersion, needsNode }: Machine): Promise<void> {
  await way.look('node', async () => {
    if (isOlder(nodeVersion, needsNode)) {
      throw new UsageError(`Node ${nodeVersion} is older than ${needsNode}.`, {
        code: 'NODE_OLD',
        hint: 'Install a current LTS version from nodejs.org.',
      })
    }
    return { found: `Node ${nodeVersion}`, value: undefined }
  })
  await way.look('scripts', async () => {
    const names = Object.keys(scriptParameters) as (keyof typeof scriptParameters)[]
    for (const name of names) scriptHash(name)
    return { found: `${names.length} scripts for servers are whole`, value: undefined }
  })
  await way.look('runs', async () => {
    const folder = nearest(runs)
    accessSync(folder, constants.W_OK)
    return { found: `runs go to ${runs}`, value: undefined }
  })
  await way.look('ntlm', async () => {
    // MS-NLMP 4.2.4.1.1.
    const right = ntowfV2('Password', 'User', 'Domain').toString('hex') === '0c868a403bfd7a93a3001ef22ef02e3f'
    if (right) return { found: 'hashes and ciphers of NTLM give the values of MS-NLMP', value: undefined }
    throw new UsageError('The ciphers of NTLM do not give the values of MS-NLMP.', {
      code: 'NTLM_BROKEN',
      hint: 'Does this Node run in FIPS mode (node --force-fips, OPENSSL_CONF)? MD5 is part of NTLM; use Kerberos or SSH there.',
    })
  })
  await lookAtKerberos(way, { env, uid: process.getuid?.() ?? 0 })
  await way.look('known-hosts', async () => {
    const known = join(homedir(), '.ssh', 'known_hosts')
    const hosts = existsSync(known)
      ? `${readFileSync(known, 'utf8').split('\n').filter(Boolean).length} lines in ${known}`
      : `no ${known}`
    return { found: hosts, value: undefined }
  })
  await lookAtCredentialSources(way, env)
}

function isOlder(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder))
}
