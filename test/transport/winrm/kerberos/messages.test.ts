import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeApRep, writeKrbError } from '../../../../src/lab/endpoint/winrm/kerberos-answers.js'
import { decrypt } from '../../../../src/transport/winrm/kerberos/encryption.js'
import { KerberosError } from '../../../../src/transport/winrm/kerberos/kerberos-error.js'
import {
  isKerberosToken,
  keyUsages,
  readApRep,
  readApRepShare,
  readApReq,
  readAuthenticatorShare,
  readErrorCode,
} from '../../../../src/transport/winrm/kerberos/messages.js'
import { DerError, derTags, writeElement } from '../../../../src/transport/winrm/spnego/der.js'
import { mechanisms, writeInit } from '../../../../src/transport/winrm/spnego/tokens.js'
import { makeTicketToken, realm } from './ticket.js'

const serviceKey = { type: 18, value: Buffer.alloc(32, 3) }
const ticketKey = { type: 17, value: Buffer.alloc(16, 4) }
const subkey = { type: 17, value: Buffer.alloc(16, 5) }
const clientTime = writeElement(derTags.generalizedTime, Buffer.from('20080101000000Z'))
const clientMicroseconds = writeElement(derTags.integer, Buffer.from([7]))

const request = makeTicketToken({ serviceKey, ticketKey, subkey, sequence: 0xfffffffe }).token
const reply = (sequence: number) => writeApRep({ clientTime, clientMicroseconds, subkey, sequence }, ticketKey)
const refusal = writeKrbError(37, realm, ['HTTP', 'localhost'])

const opened = (usage: number, cipher: Buffer): Buffer => decrypt(ticketKey, usage, cipher) ?? Buffer.alloc(0)

describe('the messages of a logon with a ticket', () => {
  it('say whose ticket it is and which keys the client has', () => {
    const { ticket, authenticator } = readApReq(request)
    expect(ticket).toMatchObject({ realm, server: ['HTTP', 'localhost'], part: { type: 18, version: 2 } })
    expect(readAuthenticatorShare(opened(keyUsages.authenticator, authenticator.cipher))).toEqual({
      subkey,
      sequence: 0xfffffffe,
    })
  })

  it('say which key the server chose, and any sequence number of 32 bits', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), sequence => {
        const { type, cipher } = readApRep(reply(sequence))
        expect(type).toBe(17)
        expect(readApRepShare(opened(keyUsages.apRepPart, cipher))).toEqual({ subkey, sequence })
      }),
    )
  })

  it('say what is wrong', () => {
    expect(readErrorCode(refusal)).toBe(37)
    expect(readErrorCode(reply(1))).toBeUndefined()
    expect(readErrorCode(Buffer.from('Negotiate'))).toBeUndefined()
  })

  it('are told from those of SPNEGO', () => {
    expect([request, reply(1), refusal].map(isKerberosToken)).toEqual([true, true, true])
    expect(isKerberosToken(writeInit({ mechTypes: [mechanisms.kerberos], mechToken: request }))).toBe(false)
    expect(isKerberosToken(Buffer.alloc(0))).toBe(false)
  })

  it('are an error of their own when they are damaged, cut or something else', () => {
    const messages = fc.constantFrom(request, reply(1), refusal)
    fc.assert(
      fc.property(messages, fc.nat(), fc.nat(255), fc.nat(), (message, place, byte, cut) => {
        const bytes = Buffer.from(message)
        bytes[place % bytes.length] = byte
        for (const damaged of [bytes, bytes.subarray(0, cut % bytes.length)]) {
          for (const read of [readApReq, readApRep, readErrorCode, isKerberosToken]) {
            try {
              read(damaged)
            } catch (error) {
              expect(error instanceof DerError || error instanceof KerberosError, String(error)).toBe(true)
            }
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
