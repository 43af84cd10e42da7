import { randomBytes } from 'node:crypto'
import { channelBindingHash } from '../http/channel-binding.js'
import { avFlags, avIds, avValue, micPresent, readAvPairs, withAvPair, writeAvPairs } from './av-pairs.js'
import { type Challenger, challengerIn } from './challenger.js'
import { clientFlags, hasFlags, requiredFlags } from './flags.js'
import { messageIntegrityCode, ntowfV2, responseV2, wrapSessionKey } from './keys.js'
import { readChallenge, utf16, withMic, writeAuthenticate, writeNegotiate } from './messages.js'
import { NtlmError } from './ntlm-error.js'
import { NtlmDirection } from './security.js'

export interface NtlmAccount {
  /** `DOMAIN\user`, `user@domain` or a local name. */
  username: string
  password: string
}

export interface NtlmOptions {
  account: NtlmAccount
  /** Service principal name of what is talked to: `HTTP/ex-01.contoso.com`. */
  targetName: string
  /** Application data of the channel bindings over TLS: `tls-server-end-point:` and the certificate's hash. */
  channelBinding?: Buffer | undefined
}

/** What both sides have after the last message. */
export interface NtlmSession {
  outgoing: NtlmDirection
  incoming: NtlmDirection
  /** The AUTHENTICATE_MESSAGE has a MIC, so SPNEGO has to protect its list of mechanisms too. */
  hasMic: boolean
}

/** The client's side of one NTLMv2 logon (MS-NLMP 3.1.5). Never falls back to anything weaker. */
export class NtlmInitiator {
  readonly #options: NtlmOptions
  readonly #negotiate = writeNegotiate(clientFlags)

  constructor(options: NtlmOptions) {
    this.#options = options
  }

  negotiate(): Buffer {
    return this.#negotiate
  }

  /** Answers the server's challenge. Throws `NtlmError` when it is damaged or wants less than 128-bit sealing. */
  authenticate(challengeBytes: Buffer): { message: Buffer; session: NtlmSession; challenger: Challenger } {
    const challenge = readChallenge(challengeBytes)
    const flags = (challenge.flags & clientFlags) >>> 0
    if (!hasFlags(flags, requiredFlags)) throw new NtlmError('the server offers no signing and sealing with 128 bits')
    const { user, domain } = splitName(this.#options.account.username)
    const offered = readAvPairs(challenge.targetInfo)
    const serverTime = avValue(offered, avIds.timestamp)
    if (serverTime !== undefined && serverTime.length !== 8) throw new NtlmError('the server time has no eight bytes')
    const hasMic = serverTime !== undefined
    const response = responseV2({
      ntowf: ntowfV2(this.#options.account.password, user, domain),
      serverChallenge: challenge.serverChallenge,
      clientChallenge: randomBytes(8),
      time: serverTime ?? fileTime(new Date()),
      targetInfo: writeAvPairs(this.#targetInfo(offered, hasMic)),
    })
    const sessionKey = randomBytes(16)
    const message = writeAuthenticate({
      flags,
      // A server that sends its time ignores it (MS-NLMP 3.1.5.1.2).
      lmResponse: hasMic ? Buffer.alloc(24) : response.lmResponse,
      ntResponse: response.ntResponse,
      domain,
      user,
      workstation: '',
      encryptedSessionKey: wrapSessionKey(response.sessionBaseKey, sessionKey),
    })
    return {
      message: hasMic
        ? withMic(message, messageIntegrityCode(sessionKey, this.#negotiate, challengeBytes, message))
        : message,
      session: {
        outgoing: new NtlmDirection(sessionKey, 'client-to-server'),
        incoming: new NtlmDirection(sessionKey, 'server-to-client'),
        hasMic,
      },
      challenger: challengerIn(offered),
    }
  }

  #targetInfo(offered: ReturnType<typeof readAvPairs>, hasMic: boolean) {
    let pairs = offered
    if (hasMic) {
      const flags = Buffer.alloc(4)
      flags.writeUInt32LE((avFlags(offered) | micPresent) >>> 0)
      pairs = withAvPair(pairs, avIds.flags, flags)
    }
    const { channelBinding } = this.#options
    // Sixteen zeros say that there is none (MS-NLMP 2.2.2.1, MsvAvChannelBindings).
    const hash = channelBinding === undefined ? Buffer.alloc(16) : channelBindingHash(channelBinding)
    pairs = withAvPair(pairs, avIds.channelBindings, hash)
    return withAvPair(pairs, avIds.targetName, utf16(this.#options.targetName))
  }
}

/** `CONTOSO\exadmin` has a domain of its own; `exadmin@contoso.com` is all user name. */
export function splitName(username: string): { user: string; domain: string } {
  const at = username.indexOf('\\')
  return at < 0 ? { user: username, domain: '' } : { user: username.slice(at + 1), domain: username.slice(0, at) }
}

/** 100-nanosecond intervals since 1601, little-endian (MS-DTYP 2.3.3). */
export function fileTime(date: Date): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n)
  return bytes
}
