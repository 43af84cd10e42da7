import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KerberosAcceptor } from '../../../../src/lab/endpoint/winrm/kerberos-acceptor.js'
import { errorCodes } from '../../../../src/lab/endpoint/winrm/kerberos-answers.js'
import { channelBindingHash } from '../../../../src/transport/winrm/http/channel-binding.js'
import { bindRequest } from '../../../../src/transport/winrm/kerberos/bind-request.js'
import { decrypt } from '../../../../src/transport/winrm/kerberos/encryption.js'
import { KerberosError } from '../../../../src/transport/winrm/kerberos/kerberos-error.js'
import { keyUsages, readApRep, readApReq, readErrorCode } from '../../../../src/transport/winrm/kerberos/messages.js'
import { makeTicketToken, realm } from './ticket.js'

const serviceKey = { type: 18, value: Buffer.alloc(32, 3) }
const ticketKey = { type: 18, value: Buffer.alloc(32, 4) }
const keytab = [{ realm, principal: ['HTTP', 'localhost'], version: 2, key: serviceKey }]
const channel = Buffer.from('tls-server-end-point:a certificate')

const authenticatorOf = (token: Buffer, key = ticketKey): Buffer => {
  const plain = decrypt(key, keyUsages.authenticator, readApReq(token).authenticator.cipher)
  if (plain === undefined) throw new Error('the Authenticator is of another key')
  return plain
}

describe('a token with the channel binding that the library left out', () => {
  it.for([
    [18, 32],
    [17, 16],
  ] as const)('is the same but for sixteen bytes of the Authenticator (encryption type %i)', ([type, bytes]) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: bytes, maxLength: bytes }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.nat(0xffffffff),
        (value, hash, sequence) => {
          const key = { type, value: Buffer.from(value) }
          const binding = Buffer.from(hash)
          const makeUp = { serviceKey, ticketKey: key, subkey: key, sequence, clientTime: new Date() }
          const { token, ticket } = makeTicketToken(makeUp)
          const before = Buffer.from(token)
          const bound = bindRequest(token, key, binding)
          expect(token).toEqual(before)
          expect(bound).toHaveLength(token.length)
          expect(readApReq(bound).ticket.bytes).toEqual(ticket)
          const withBinding = makeTicketToken({ ...makeUp, binding }).token
          expect(authenticatorOf(bound, key)).toEqual(authenticatorOf(withBinding, key))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('is encrypted anew each time', () => {
    const { token } = makeTicketToken({ serviceKey, ticketKey })
    const cipherOf = () => readApReq(bindRequest(token, ticketKey, Buffer.alloc(16, 1))).authenticator.cipher
    expect(cipherOf()).not.toEqual(cipherOf())
  })

  it('is taken for this channel and for no other, and answered as the token of the library would be', () => {
    const { token } = makeTicketToken({ serviceKey, ticketKey })
    const take = (binding: Buffer) =>
      new KerberosAcceptor(keytab).accept(bindRequest(token, ticketKey, binding), channel)
    const right = take(channelBindingHash(channel))
    if ('refused' in right) throw new Error('the right binding was refused')
    expect(decrypt(ticketKey, keyUsages.apRepPart, readApRep(right.accepted.reply).cipher)).toBeDefined()
    const wrong = take(channelBindingHash(Buffer.from('tls-server-end-point:another')))
    expect('refused' in wrong && readErrorCode(wrong.refused)).toBe(errorCodes.generic)
  })

  it.for([
    ['another key', { type: 18, value: Buffer.alloc(32, 5) }, 'the key of the ticket does not open the logon'],
    ['a key of RC4', { type: 23, value: Buffer.alloc(16, 5) }, "the ticket's key is of the kind rc4-hmac"],
    ['a key of DES', { type: 3, value: Buffer.alloc(8, 5) }, "the ticket's key is of the kind des-cbc-md5"],
  ] as const)('cannot be made with %s, which is said without the key', ([, key, message]) => {
    const { token } = makeTicketToken({ serviceKey, ticketKey })
    expect(() => bindRequest(token, key, Buffer.alloc(16))).toThrow(new KerberosError(message))
  })
})
