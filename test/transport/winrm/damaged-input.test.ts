import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { avIds, writeAvPairs } from '../../../src/transport/winrm/ntlm/av-pairs.js'
import { NtlmInitiator } from '../../../src/transport/winrm/ntlm/initiator.js'
import { utf16, writeChallenge } from '../../../src/transport/winrm/ntlm/messages.js'
import { NtlmError } from '../../../src/transport/winrm/ntlm/ntlm-error.js'
import { readSealedBody, SealedBodyError, writeSealedBody } from '../../../src/transport/winrm/sealing/sealed-body.js'
import { readFault } from '../../../src/transport/winrm/soap/fault.js'
import { EnvelopeError, readEnvelope } from '../../../src/transport/winrm/soap/read.js'
import { writeEnvelope } from '../../../src/transport/winrm/soap/write.js'
import { DerError } from '../../../src/transport/winrm/spnego/der.js'
import {
  mechanisms,
  readInit,
  readResponse,
  writeInit,
  writeResponse,
} from '../../../src/transport/winrm/spnego/tokens.js'

const protocol = 'application/HTTP-SPNEGO-session-encrypted'
const contentType = `multipart/encrypted;protocol="${protocol}";boundary="Encrypted Boundary"`

/** `bytes` with some of them changed, cut or repeated. */
function damaged(bytes: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.nat(Math.max(0, bytes.length - 1))
  return fc.oneof(
    fc
      .tuple(place, fc.nat(255))
      .map(([at, byte]) => Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + 1)])),
    place.map(at => bytes.subarray(0, at)),
    fc.tuple(place, place).map(([from, to]) => Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])),
    fc.uint8Array({ maxLength: 300 }).map(random => Buffer.from(random)),
  )
}

/** `read` returns, or throws one of its own errors. */
function survives(read: () => unknown, own: new (...args: never[]) => Error): void {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(own)
  }
}

describe('what a server may send', () => {
  it('is read back as it was sealed, whatever bytes it has', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 76 }),
        fc.uint8Array(),
        fc.nat(1e6),
        (header, data, length) => {
          const body = writeSealedBody({ header: Buffer.from(header), data: Buffer.from(data) }, length, { protocol })
          const read = readSealedBody(body, contentType)
          expect(read).toEqual({ header: Buffer.from(header), data: Buffer.from(data), plainBytes: length })
        },
      ),
    )
  })

  it.for([
    ['Exchange: a space in the boundary', (text: string) => text.replaceAll('--Encrypted', '-- Encrypted')],
    ['no tabs', (text: string) => text.replaceAll('\t', '')],
    ['an end without its last dashes', (text: string) => text.replace(/--\r\n$/, '\r\n')],
    ['OMI: an empty line before the bytes', (text: string) => text.replace('octet-stream\r\n', 'octet-stream\r\n\r\n')],
  ] as const)('is read in the frame of %s', ([, change]) => {
    const sealed = { header: Buffer.alloc(16, 7), data: Buffer.from('sealed') }
    const body = Buffer.from(change(writeSealedBody(sealed, 6, { protocol }).toString('latin1')), 'latin1')
    expect(readSealedBody(body, contentType)).toEqual({ ...sealed, plainBytes: 6 })
  })

  it('is a sealed message that is damaged: an error of its own', () => {
    const whole = writeSealedBody({ header: Buffer.alloc(16, 1), data: Buffer.from('some data') }, 9, { protocol })
    fc.assert(fc.property(damaged(whole), body => survives(() => readSealedBody(body, contentType), SealedBodyError)))
  })

  it('is an envelope that is damaged: an error of its own', () => {
    const header = {
      action: 'http://schemas.xmlsoap.org/ws/2004/09/transfer/CreateResponse',
      resourceUri: 'r',
      to: 't',
      messageId: 'uuid:1',
      sessionId: 'uuid:2',
      maxEnvelopeSize: 153_600,
      operationTimeoutMs: 20_000,
    }
    const whole = writeEnvelope(header, {
      name: 'rsp:Shell',
      content: [{ name: 'rsp:ShellId', content: 'x' }],
    }).toBuffer()
    const read = (bytes: Buffer) => readFault(readEnvelope(bytes.toString('utf8')).body)
    fc.assert(fc.property(damaged(whole), bytes => survives(() => read(bytes), EnvelopeError)))
  })

  it('is a challenge that is damaged: an error of its own', () => {
    const challenge = writeChallenge({
      flags: 0xe28a8235,
      targetName: 'EXLAB',
      serverChallenge: Buffer.alloc(8, 1),
      targetInfo: writeAvPairs([{ id: avIds.domainName, value: utf16('AB') }]),
    })
    const initiator = new NtlmInitiator({ account: { username: 'u', password: 'p' }, targetName: 'HTTP/x' })
    fc.assert(fc.property(damaged(challenge), bytes => survives(() => initiator.authenticate(bytes), NtlmError)))
  })

  it('is a token of SPNEGO that is damaged: an error of its own', () => {
    const init = writeInit({ mechTypes: [mechanisms.ntlm, mechanisms.kerberos], mechToken: Buffer.from('token') })
    expect(readInit(init)).toEqual({
      mechTypes: [mechanisms.ntlm, mechanisms.kerberos],
      mechToken: Buffer.from('token'),
    })
    fc.assert(fc.property(damaged(init), bytes => survives(() => readInit(bytes), DerError)))
    const answer = {
      state: 'accept-completed',
      responseToken: Buffer.alloc(300),
      mechListMic: Buffer.alloc(16),
    } as const
    expect(readResponse(writeResponse(answer))).toEqual(answer)
    fc.assert(fc.property(damaged(writeResponse(answer)), bytes => survives(() => readResponse(bytes), DerError)))
  })
})

describe('an envelope that is an attack', () => {
  const soap = 'xmlns:s="http://www.w3.org/2003/05/soap-envelope"'

  it('with entities of its own is refused before they grow', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}">]><s:Envelope ${soap}><s:Body>&b;</s:Body></s:Envelope>`
    expect(() => readEnvelope(bomb)).toThrow(EnvelopeError)
  })

  it('that names an entity it cannot have is refused', () => {
    expect(() => readEnvelope(`<s:Envelope ${soap}><s:Body>&nbsp;</s:Body></s:Envelope>`)).toThrow(EnvelopeError)
  })

  it.for([
    ['of elements in elements', '<a>'.repeat(500_000)],
    ['of one endless tag', `<${'a'.repeat(2_000_000)}`],
    ['of attributes', `<s:Envelope ${soap} ${Array.from({ length: 20_000 }, (_, at) => `a${at}="1"`).join(' ')}>`],
    ['of angles', '<'.repeat(1_000_000)],
  ] as const)('%s is refused', ([, text]) => {
    expect(() => readEnvelope(text)).toThrow(EnvelopeError)
  })

  const body = (content: string): string => `<s:Envelope ${soap}><s:Body>${content}</s:Body></s:Envelope>`
  const nested = (open: string): string => `${open.repeat(70)}${'</a>'.repeat(70)}`

  it.for([
    ['a tag that looks as if it ended itself', nested('<a b="/>">')],
    ['ends in a comment', `<!-- ${'</a>'.repeat(70)} -->${nested('<a>')}`],
    ['ends in a CDATA section', `<c><![CDATA[${'</a>'.repeat(70)}]]></c>${nested('<a>')}`],
    ['ends in an instruction', `<?x ${'</a>'.repeat(70)} ?>${nested('<a>')}`],
  ] as const)('does not hide its depth behind %s', ([, content]) => {
    expect(() => readEnvelope(body(content))).toThrow(EnvelopeError)
  })

  // What takes a parser minutes or all memory, in the size that an answer may have.
  it.for([
    ['instructions that do not end', `${'<?'.repeat(4_000_000)}>`],
    ['comments that do not end', body('<!--'.repeat(2_000_000))],
    ['sections that do not end', body(`<a>${'<![CDATA['.repeat(900_000)}`)],
    ['elements side by side', body('<a/>'.repeat(2_000_000))],
    ['short elements side by side', body('<a/>'.repeat(60_000))],
    ['attributes', body(`<a ${Array.from({ length: 600_000 }, (_, at) => `a${at}="" `).join('')}/>`)],
  ] as const)('of endless %s is refused before a parser sees it', ([, text]) => {
    expect(() => readEnvelope(text)).toThrow(EnvelopeError)
  })

  it('may hold what only looks like a document type', () => {
    const [element] = readEnvelope(body('<a><![CDATA[<!DOCTYPE x>]]></a>')).body
    expect(element?.textContent).toBe('<!DOCTYPE x>')
  })

  it('has a reason without an end: some lines of it are enough', () => {
    const words = 'no '.repeat(500_000)
    const fault = readFault(
      readEnvelope(body(`<s:Fault><s:Reason><s:Text>${words}</s:Text></s:Reason></s:Fault>`)).body,
    )
    expect(fault?.reason).toMatch(/^no no /)
    expect(fault?.reason.length).toBeLessThan(5000)
  })

  it('is another kind of document', () => {
    expect(() => readEnvelope('<html/>')).toThrow(EnvelopeError)
    expect(() => readEnvelope('')).toThrow(EnvelopeError)
    expect(() =>
      readEnvelope('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'),
    ).toThrow(EnvelopeError)
  })
})
