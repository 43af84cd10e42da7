import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KerberosAcceptor, type TicketVerdict } from '../../../../src/lab/endpoint/winrm/kerberos-acceptor.js'
import { errorCodes } from '../../../../src/lab/endpoint/winrm/kerberos-answers.js'
import { channelBindingHash } from '../../../../src/transport/winrm/http/channel-binding.js'
import { KerberosError } from '../../../../src/transport/winrm/kerberos/kerberos-error.js'
import { readErrorCode } from '../../../../src/transport/winrm/kerberos/messages.js'
import { DerError } from '../../../../src/transport/winrm/spnego/der.js'
import { makeTicketToken, realm, type TicketMakeUp } from '../../../transport/winrm/kerberos/ticket.js'

const serviceKey = { type: 18, value: Buffer.alloc(32, 3) }
const ticketKey = { type: 18, value: Buffer.alloc(32, 4) }
const keytab = [{ realm, principal: ['HTTP', 'localhost'], version: 2, key: serviceKey }]
const binding = Buffer.from('tls-server-end-point:a certificate')
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000)

const verdictOn = (change: Partial<TicketMakeUp>, channelBinding?: Buffer, acceptor = new KerberosAcceptor(keytab)) =>
  acceptor.accept(makeTicketToken({ serviceKey, ticketKey, ...change }).token, channelBinding)

/** The account that was let in, or the number of the error. */
const outcome = (verdict: TicketVerdict) =>
  'accepted' in verdict ? verdict.accepted.user : readErrorCode(verdict.refused)

describe('a ticket at the endpoint of the lab', () => {
  it.for<[string, Partial<TicketMakeUp>, string | number]>([
    ['lets its owner in', {}, 'exadmin'],
    ['of AES-128 does too', { ticketKey: { type: 17, value: Buffer.alloc(16, 4) } }, 'exadmin'],
    ['for another service is not for us', { server: ['HTTP', 'elsewhere'] }, errorCodes.notForUs],
    [
      'with another key of the service cannot be read',
      { serviceKey: { type: 18, value: Buffer.alloc(32, 9) } },
      errorCodes.modified,
    ],
    ['that has ended is refused', { endsAt: minutes(-6) }, errorCodes.ticketExpired],
    ['that has ended by less than the clocks may differ is taken', { endsAt: minutes(-4) }, 'exadmin'],
    ['that is for later is refused', { startsAt: minutes(6) }, errorCodes.ticketNotYetValid],
    ['from a clock that is behind is refused', { clientTime: minutes(-6) }, errorCodes.skew],
    ['from a clock that is ahead is refused', { clientTime: minutes(6) }, errorCodes.skew],
    ['of somebody else is refused', { claimed: 'other' }, errorCodes.badMatch],
  ])('%s', ([, change, expected]) => {
    expect(outcome(verdictOn(change))).toBe(expected)
  })

  it('is taken once', () => {
    const acceptor = new KerberosAcceptor(keytab)
    const clientTime = minutes(0)
    const take = (microseconds: number) => outcome(verdictOn({ clientTime, microseconds }, undefined, acceptor))
    expect([take(1), take(1), take(2)]).toEqual(['exadmin', errorCodes.repeated, 'exadmin'])
  })

  it.for<[string, Buffer, string | number]>([
    ['of this certificate', channelBindingHash(binding), 'exadmin'],
    ['of another certificate', channelBindingHash(Buffer.from('other')), errorCodes.generic],
    ['that is missing (Relaxed)', Buffer.alloc(16), 'exadmin'],
  ])('over TLS with a channel binding %s', ([, sent, expected]) => {
    expect(outcome(verdictOn({ binding: sent }, binding))).toBe(expected)
  })

  it.for([
    [0x3e, true],
    [0x2e, false],
  ])('with the flags %i says whether messages may be sealed: %s', ([flags, expected]) => {
    expect(verdictOn({ flags: Number(flags) })).toMatchObject({ accepted: { confidential: expected } })
  })

  it('without mutual authentication is not taken', () => {
    expect(() => verdictOn({ flags: 0x3c })).toThrow(KerberosError)
  })

  it('that is damaged lets nobody in', () => {
    const { token } = makeTicketToken({ serviceKey, ticketKey })
    const acceptor = new KerberosAcceptor(keytab)
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(token)
        damaged[at] = (damaged[at] ?? 0) ^ change
        try {
          const verdict = acceptor.accept(damaged)
          // Versions and options are not signed; what is let in is the same ticket all the same.
          if ('accepted' in verdict) expect(verdict.accepted.user).toBe('exadmin')
        } catch (error) {
          expect(error instanceof KerberosError || error instanceof DerError, String(error)).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
