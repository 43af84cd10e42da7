import { randomBytes, timingSafeEqual } from 'node:crypto'
import { channelBindingHash } from '../../../transport/winrm/http/channel-binding.js'
import {
  avFlags,
  avIds,
  avValue,
  micPresent,
  readAvPairs,
  writeAvPairs,
} from '../../../transport/winrm/ntlm/av-pairs.js'
import { clientFlags, hasFlags, ntlmFlags, requiredFlags } from '../../../transport/winrm/ntlm/flags.js'
import { fileTime } from '../../../transport/winrm/ntlm/initiator.js'
import { messageIntegrityCode, ntowfV2, proofV2, wrapSessionKey } from '../../../transport/winrm/ntlm/keys.js'
import {
  readAuthenticate,
  readNegotiate,
  utf16,
  withoutMic,
  writeChallenge,
} from '../../../transport/winrm/ntlm/messages.js'
import { NtlmDirection } from '../../../transport/winrm/ntlm/security.js'

export interface NtlmAcceptorOptions {
  computerName: string
  domain: string
  passwordOf: (user: string) => string | undefined
  /** Application data of the channel bindings over TLS. */
  channelBinding?: Buffer | undefined
}

export interface AcceptedLogon {
  user: string
  /** Absent where the client asked for less than signing and sealing with 128 bits: enough over TLS, no message without. */
  keys?: NtlmKeys
}

export interface NtlmKeys {
  incoming: NtlmDirection
  outgoing: NtlmDirection
}

export type NtlmVerdict = { accepted: AcceptedLogon } | { refused: string }

/** The server's side of one NTLMv2 logon (MS-NLMP 3.2.5). Takes nothing weaker, as LmCompatibilityLevel 5 does. */
export class NtlmAcceptor {
  readonly #options: NtlmAcceptorOptions
  readonly #serverChallenge = randomBytes(8)
  #negotiate: Buffer = Buffer.alloc(0)
  #challenge: Buffer = Buffer.alloc(0)
  #flags = 0

  constructor(options: NtlmAcceptorOptions) {
    this.#options = options
  }

  /** Throws `NtlmError` for what is no NEGOTIATE_MESSAGE. */
  challenge(negotiate: Buffer): Buffer {
    const { flags } = readNegotiate(negotiate)
    const { computerName, domain } = this.#options
    this.#negotiate = negotiate
    // What the client asked for and nothing more (MS-NLMP 3.2.5.1.1): some end the logon over a key exchange that they did not want.
    this.#flags = ((flags & clientFlags) | ntlmFlags.unicode | ntlmFlags.ntlm | ntlmFlags.targetInfo) >>> 0
    this.#challenge = writeChallenge({
      flags: (this.#flags | ntlmFlags.targetTypeServer) >>> 0,
      targetName: domain,
      serverChallenge: this.#serverChallenge,
      targetInfo: writeAvPairs([
        { id: avIds.domainName, value: utf16(domain) },
        { id: avIds.computerName, value: utf16(computerName) },
        { id: avIds.dnsDomainName, value: utf16(`${domain.toLowerCase()}.example`) },
        { id: avIds.dnsComputerName, value: utf16(`${computerName.toLowerCase()}.${domain.toLowerCase()}.example`) },
        { id: avIds.timestamp, value: fileTime(new Date()) },
      ]),
    })
    return this.#challenge
  }

  /** Checks proof, MIC and channel binding. Throws `NtlmError` for what is no AUTHENTICATE_MESSAGE. */
  accept(bytes: Buffer): NtlmVerdict {
    const message = readAuthenticate(bytes)
    const user = message.domain === '' ? message.user : `${message.domain}\\${message.user}`
    if (message.ntResponse.length < 48) return { refused: user }
    const password = this.#options.passwordOf(user)
    if (password === undefined) return { refused: user }
    const blob = message.ntResponse.subarray(16)
    const ntowf = ntowfV2(password, message.user, message.domain)
    const { proof, sessionBaseKey } = proofV2(ntowf, this.#serverChallenge, blob)
    if (!timingSafeEqual(proof, message.ntResponse.subarray(0, 16))) return { refused: user }
    // Not by the flags of this message: python's ntlm-auth takes one away that is not there, and the borrow turns SIGN off.
    const isExchanged = hasFlags(this.#flags, ntlmFlags.keyExchange)
    if (isExchanged && message.encryptedSessionKey.length !== 16) return { refused: user }
    const sessionKey = isExchanged ? wrapSessionKey(sessionBaseKey, message.encryptedSessionKey) : sessionBaseKey
    const pairs = readAvPairs(blob.subarray(28))
    const promisesMic = (avFlags(pairs) & micPresent) !== 0
    if (promisesMic && !this.#micIsRight(sessionKey, bytes, message.mic)) return { refused: user }
    if (!this.#bindingIsRight(avValue(pairs, avIds.channelBindings))) return { refused: user }
    if (!hasFlags(this.#flags, requiredFlags)) return { accepted: { user } }
    return {
      accepted: {
        user,
        keys: {
          incoming: new NtlmDirection(sessionKey, 'client-to-server'),
          outgoing: new NtlmDirection(sessionKey, 'server-to-client'),
        },
      },
    }
  }

  #micIsRight(sessionKey: Buffer, bytes: Buffer, mic: Buffer | undefined): boolean {
    const right = messageIntegrityCode(sessionKey, this.#negotiate, this.#challenge, withoutMic(bytes))
    return mic !== undefined && timingSafeEqual(mic, right)
  }

  /** CbtHardeningLevel Relaxed, Windows' default: a client that sends one has to send the right one. */
  #bindingIsRight(sent: Buffer | undefined): boolean {
    const { channelBinding } = this.#options
    if (channelBinding === undefined || sent === undefined || sent.every(byte => byte === 0)) return true
    return sent.equals(channelBindingHash(channelBinding))
  }
}
