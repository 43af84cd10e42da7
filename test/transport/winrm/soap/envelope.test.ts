import { randomBytes } from 'node:crypto'
import { DOMParser } from '@xmldom/xmldom'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namespaces } from '../../../../src/transport/winrm/soap/names.js'
import {
  bytesOf,
  child,
  children,
  EnvelopeError,
  readEnvelope,
  textOf,
} from '../../../../src/transport/winrm/soap/read.js'
import { envelopeText, writeEnvelope } from '../../../../src/transport/winrm/soap/write.js'

const header = {
  action: 'urn:action',
  resourceUri: 'urn:resource',
  to: 'http://ex-01:5985/wsman?a=1&b=2',
  messageId: 'uuid:1',
  sessionId: 'uuid:2',
  maxEnvelopeSize: 153_600,
  operationTimeoutMs: 20_000,
}
/** What XML 1.0 can hold at all. */
const xmlText = fc.string({ unit: 'binary' }).map(text => text.replace(/[^\t\n\r -\uD7FF\uE000-\uFFFD]/gu, ''))

describe('an envelope', () => {
  it('holds any text and attribute exactly, read by a parser', () => {
    fc.assert(
      fc.property(xmlText, xmlText, (text, attribute) => {
        const written = envelopeText(
          [],
          [{ name: 'rsp:Stream', attributes: { Name: attribute }, content: text }],
        ).toString()
        const found = new DOMParser()
          .parseFromString(written, 'text/xml')
          .getElementsByTagNameNS(namespaces.rsp, 'Stream')[0]
        expect(found?.textContent).toBe(text)
        expect(found?.getAttribute('Name')).toBe(attribute)
      }),
    )
  })

  it('declares the namespace of everything in it, and knows how long it is', () => {
    const text = envelopeText([{ name: 'a:Action', content: 'Größe' }], [{ name: 'cfg:Config', content: '' }])
    expect(text.toString()).toContain(`xmlns:cfg="${namespaces.cfg}"`)
    expect(text.toBuffer().length).toBe(text.bytes)
    expect(() => envelopeText([], [{ name: 'cfg:Config', attributes: { 'odd:x': '1' } }])).toThrow('no namespace')
  })

  it.for([10, 5000, 300_000])('carries %d bytes as base64', bytes => {
    const data = randomBytes(bytes)
    const written = writeEnvelope(header, {
      name: 'rsp:Send',
      content: [
        { name: 'rsp:Stream', attributes: { Name: 'stdin' }, content: data },
        { name: 'rsp:Stream', attributes: { Name: 'again' }, content: data.subarray(1) },
      ],
    })
    const [send] = readEnvelope(written.toBuffer()).body
    const [first, second] = send === undefined ? [] : children(send, 'rsp', 'Stream').map(bytesOf)
    expect(first?.equals(data)).toBe(true)
    expect(second?.equals(data.subarray(1))).toBe(true)
  })
})

describe('a long text in an envelope', () => {
  const long = 'Zm9v'.repeat(5000)
  const soap = `xmlns:s="${namespaces.s}" xmlns:rsp="${namespaces.rsp}"`
  const envelope = (inner: string) => `<s:Envelope ${soap}><s:Body>${inner}</s:Body></s:Envelope>`
  const textIn = (message: string) => textOf(readEnvelope(message).body[0])

  it.for<[string, string, string]>([
    ['plain', `<rsp:A>${long}</rsp:A>`, long],
    ['with white space around', `<rsp:A>\r\n ${long}\n</rsp:A>`, long],
    ['with references in it', `<rsp:A>${long}&amp;${long}</rsp:A>`, `${long}&${long}`],
    ['behind a comment that looks like a tag', `<rsp:A><!-- <x> -->${long}</rsp:A>`, long],
    ['in a CDATA section', `<rsp:A><![CDATA[<b>${long}<c>]]></rsp:A>`, `<b>${long}<c>`],
    ['with the character of marks', `<rsp:A>\uE0000\uE000${long}</rsp:A>`, `\uE0000\uE000${long}`],
    ['with quotes and angles in it', `<rsp:A b=">'">it's > "${long}</rsp:A>`, `it's > "${long}`],
    ['in several lines', `<rsp:A>${long}\r\n${long}\r${long}</rsp:A>`, `${long}\n${long}\n${long}`],
    ['in another script', `<rsp:A>${'日本'.repeat(5000)}</rsp:A>`, '日本'.repeat(5000)],
  ])('%s is read as it is', ([, inner, text]) => {
    expect(textIn(envelope(inner))).toBe(text)
  })

  it('in an attribute stays there', () => {
    const [after] = readEnvelope(envelope(`<?x '?><rsp:A b='>${long}'/>`)).body
    expect(after?.getAttribute('b')).toBe(`>${long}`)
    const body = readEnvelope(envelope(`<rsp:A b="x>${long}'"/><rsp:A b='x>${long}"'>1</rsp:A>`)).body
    expect(body.map(element => element.getAttribute('b'))).toEqual([`x>${long}'`, `x>${long}"`])
  })

  it('does not take the place of another: a mark that is sent is text', () => {
    expect(textIn(envelope('<rsp:A>\uE0000\uE000</rsp:A>'))).toBe('\uE0000\uE000')
  })

  it('does not hide what is wrong with the rest', () => {
    expect(() => readEnvelope(envelope(`<rsp:A>${long}</rsp:B>`))).toThrow(EnvelopeError)
    expect(() => readEnvelope(`<!DOCTYPE x>${envelope(`<rsp:A>${long}</rsp:A>`)}`)).toThrow(EnvelopeError)
    expect(() => readEnvelope(envelope(`<rsp:A>${long}`).slice(0, -30))).toThrow(EnvelopeError)
  })

  it('is found by the name of its element, not by its place', () => {
    const body = readEnvelope(envelope(`<rsp:A><rsp:B>${long}</rsp:B><rsp:C>c</rsp:C></rsp:A>`)).body[0]
    if (body === undefined) throw new Error('no body')
    expect([textOf(child(body, 'rsp', 'C')), textOf(child(body, 'rsp', 'B'))]).toEqual(['c', long])
  })

  it('changes nothing of what a parser makes of the message, whatever stands around it', () => {
    const text = fc.constantFrom(
      long,
      'short',
      `${long}&lt;${long}`,
      `a > b ${long}`,
      `'${long}"`,
      `${long}\r\n${long}`,
      '',
    )
    const value = fc.constantFrom('"x"', `'y"z'`, `">${long}"`, `'${long}>'`)
    const between = fc.constantFrom('', '<!-- <c> -->', `<?p ' ?>`, `<![CDATA[<d>${long}]]>`, '\n  ')
    const element = fc
      .tuple(text, value, between)
      .map(([inner, attribute, before]) => `${before}<rsp:A b=${attribute}>${inner}</rsp:A>`)
    fc.assert(
      fc.property(fc.array(element, { minLength: 1, maxLength: 4 }), inner => {
        const message = envelope(inner.join(''))
        const parsed = new DOMParser().parseFromString(message, 'text/xml').getElementsByTagNameNS(namespaces.rsp, 'A')
        const read = readEnvelope(message).body
        expect(read.map(one => textOf(one) === parsed[read.indexOf(one)]?.textContent?.trim())).toEqual(
          read.map(() => true),
        )
        expect(read.map(one => one.getAttribute('b') === parsed[read.indexOf(one)]?.getAttribute('b'))).toEqual(
          read.map(() => true),
        )
      }),
      { numRuns: 60 },
    )
  })
})
