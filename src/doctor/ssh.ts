import { AuthError, ConnectError } from '../errors.js'
import type { Credential, InventoryServer } from '../inventory/model.js'
import { dialTrusted } from '../transport/ssh/dial-trusted.js'
import { fingerprint } from '../transport/ssh/host-key.js'
import { parseJump } from '../transport/ssh/jump.js'
import { keyTypeOf } from '../transport/ssh/known-hosts.js'
import { defaultKnownHosts, readKnownHosts } from '../transport/ssh/read-known-hosts.js'
import { openTcp } from '../transport/ssh/tcp.js'
import type { Way } from './hop.js'
import { lookMs } from './network.js'
import { whyNotSsh } from './not-ssh.js'

/** Where the first connection goes, and how its key and its logon are judged: a jump host's, where the way leads through one. */
export interface FirstSshHost {
  host: string
  port: number
  /** Whose words in a hop's `found` are about the jump host. */
  isJump: boolean
  pin: string | undefined
  pinSetting: 'host_key' | 'jump_host_key'
  /** Absent: nobody is going to log on. */
  credential?: Credential
}

export function firstSshHost({ host, port, ssh, credential }: InventoryServer): FirstSshHost {
  const jump = ssh.jump === undefined ? undefined : parseJump(ssh.jump)
  if (jump === undefined) return { host, port, isJump: false, pin: ssh.hostKey, pinSetting: 'host_key', credential }
  return {
    host: jump.host,
    port: jump.port,
    isJump: true,
    pin: ssh.jumpHostKey,
    pinSetting: 'jump_host_key',
    credential: ssh.jumpCredential ?? credential,
  }
}

interface Shown {
  identification: string
  key: Buffer
  methods: readonly string[]
}

/** What an SSH server shows before anybody logs on: its key, and the methods that it takes. No secret is read or sent. */
export async function lookAtSshServer(way: Way, first: FirstSshHost, knownHosts = defaultKnownHosts()): Promise<void> {
  const shown = await way.look('host-key', async () => {
    const seen: Shown = { identification: '', key: Buffer.alloc(0), methods: [] }
    const value = await readShown(first, knownHosts, seen).catch(async (error: unknown) => {
      if (first.credential !== undefined || !isUnknownKey(error)) throw error
      // Nobody logs on: what else it shows may be looked at.
      await readShown({ ...first, pin: fingerprint(seen.key) }, knownHosts, seen)
      return { ...seen, unknown: error }
    })
    const source =
      'unknown' in value
        ? 'not known'
        : first.pin === undefined
          ? `known by ${knownHosts}`
          : `as ${first.pinSetting} says`
    const whose = first.isJump ? `jump host ${first.host}: ` : ''
    return {
      found: `${whose}${value.identification}; ${keyTypeOf(value.key)} ${fingerprint(value.key)}, ${source}`,
      value,
      ...('unknown' in value && { note: { code: value.unknown.code, fix: value.unknown.hint ?? '' } }),
    }
  })
  await way.look('offered', async () => {
    const { methods } = shown ?? { methods: [] }
    const where = `${first.host}:${first.port}`
    const wrong = first.credential === undefined ? undefined : notOffered(where, methods, first.credential)
    if (wrong !== undefined) throw wrong
    return { found: `takes ${methods.join(', ') || 'everybody, without a logon'}`, value: undefined }
  })
}

function isUnknownKey(error: unknown): error is ConnectError {
  return error instanceof ConnectError && error.code === 'HOST_KEY_UNKNOWN'
}

/** Fills `shown`, and returns it. */
async function readShown(
  { host, port, pin, pinSetting }: FirstSshHost,
  knownHostsFile: string,
  shown: Shown,
): Promise<Shown> {
  const known = pin === undefined ? await readKnownHosts(knownHostsFile) : []
  try {
    const { client } = await dialTrusted({
      openSocket: () => openTcp(host, port, lookMs),
      rules: { host, port, pin, pinSetting, known, knownHostsFile },
      // Has nothing to log on with: it asks what is taken, and goes.
      logon: { username: 'exroll', credentialName: 'none' },
      timeoutMs: lookMs,
      keepAliveMs: 0,
      mask: text => text,
      watch: {
        identification: text => {
          shown.identification = text
        },
        hostKey: key => {
          shown.key = key
        },
        offered: methods => {
          shown.methods = methods
        },
      },
    })
    client.end()
  } catch (error) {
    if (!(error instanceof AuthError)) throw await whyNotSsh(error, shown.identification, { host, port })
  }
  return shown
}

/** The methods by which each part of a credential can log on. */
function notOffered(where: string, methods: readonly string[], credential: Credential): AuthError | undefined {
  const { key, agent, password, name } = credential
  const usable = [
    ...(key !== undefined || agent === true ? ['publickey'] : []),
    ...(password === undefined ? [] : ['password', 'keyboard-interactive']),
  ]
  if (methods.length === 0 || methods.some(method => usable.includes(method))) return undefined
  const allow = password === undefined ? 'PubkeyAuthentication yes' : 'PasswordAuthentication yes'
  const give = methods.includes('publickey') ? 'key: { file: PATH } or agent: true' : 'a password'
  return new AuthError(`${where} takes ${methods.join(', ')}; credential ${name} has nothing of it.`, {
    code: 'SCHEME_NOT_OFFERED',
    hint: `Give the credential ${give}; or write ${allow} into C:\\ProgramData\\ssh\\sshd_config on the server, then Restart-Service sshd.`,
  })
}
