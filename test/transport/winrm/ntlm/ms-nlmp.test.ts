import { describe, expect, it } from 'vitest'
import { avIds, writeAvPairs } from '../../../../src/transport/winrm/ntlm/av-pairs.js'
import { ntowfV2, responseV2, sealKey, signKey, wrapSessionKey } from '../../../../src/transport/winrm/ntlm/keys.js'
import { readChallenge, utf16, writeChallenge } from '../../../../src/transport/winrm/ntlm/messages.js'
import { NtlmDirection } from '../../../../src/transport/winrm/ntlm/security.js'

/** MS-NLMP 4.2.1 and 4.2.4: the values that every implementation is held to. */
const given = {
  user: 'User',
  domain: 'Domain',
  password: 'Password',
  serverChallenge: hex('0123456789abcdef'),
  clientChallenge: Buffer.alloc(8, 0xaa),
  time: Buffer.alloc(8),
  sessionKey: Buffer.alloc(16, 0x55),
  targetInfo: writeAvPairs([
    { id: avIds.domainName, value: utf16('Domain') },
    { id: avIds.computerName, value: utf16('Server') },
  ]),
}

describe('NTLMv2 by MS-NLMP 4.2.4', () => {
  const ntowf = ntowfV2(given.password, given.user, given.domain)
  const response = responseV2({ ...given, ntowf })

  it('has the NTOWFv2 of 4.2.4.1.1', () => {
    expect(ntowf).toEqual(hex('0c868a403bfd7a93a3001ef22ef02e3f'))
  })

  it('has the LMv2 response of 4.2.4.2.1', () => {
    expect(response.lmResponse).toEqual(hex('86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa'))
  })

  it('has the NTLMv2 response of 4.2.4.2.2', () => {
    expect(response.ntResponse.subarray(0, 16)).toEqual(hex('68cd0ab851e51c96aabc927bebef6a1c'))
    expect(response.ntResponse.subarray(16)).toEqual(
      hex(
        '01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000' +
          '02000c0044006f006d00610069006e00' +
          '01000c005300650072007600650072000000000000000000',
      ),
    )
  })

  it('has the session base key of 4.2.4.1.2 and the encrypted session key of 4.2.4.2.3', () => {
    expect(response.sessionBaseKey).toEqual(hex('8de40ccadbc14a82f15cb0ad0de95ca3'))
    expect(wrapSessionKey(response.sessionBaseKey, given.sessionKey)).toEqual(hex('c5dad2544fc9799094ce1ce90bc9d03e'))
  })

  it('writes and reads the CHALLENGE_MESSAGE of 4.2.4.3', () => {
    const message = hex(
      '4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef0000000000000000' +
        '24002400440000000600701700' +
        '00000f53006500720076006500720002000c0044006f006d00610069006e0001000c0053006500720076006500720000000000',
    )
    const read = readChallenge(message)
    expect(read).toEqual({
      flags: 0xe28a8233,
      targetName: 'Server',
      serverChallenge: given.serverChallenge,
      targetInfo: given.targetInfo,
    })
    expect(writeChallenge(read).subarray(0, 48)).toEqual(message.subarray(0, 48))
    expect(writeChallenge(read).subarray(56)).toEqual(message.subarray(56))
  })

  it('has the sign key, the seal key and the sealed message of 4.2.4.4', () => {
    expect(signKey(given.sessionKey, 'client-to-server')).toEqual(hex('4788dc861b4782f35d43fd98fe1a2d39'))
    expect(sealKey(given.sessionKey, 'client-to-server')).toEqual(hex('59f600973cc4960a25480a7c196e4c58'))
    const sealed = new NtlmDirection(given.sessionKey, 'client-to-server').seal(utf16('Plaintext'))
    expect(sealed.data).toEqual(hex('54e50165bf1936dc996020c1811b0f06fb5f'))
    expect(sealed.signature).toEqual(hex('010000007fb38ec5c55d497600000000'))
  })
})

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}
