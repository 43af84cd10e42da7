import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { base64Length, fromBase64, writeBase64 } from '../../../../src/transport/winrm/soap/base64.js'

describe('base64 of a stream', () => {
  it('gives back what was written, in one line or in many', () => {
    fc.assert(
      fc.property(fc.uint8Array(), data => {
        const text = Buffer.from(data).toString('base64')
        expect(fromBase64(text)).toEqual(Buffer.from(data))
        expect(fromBase64(Buffer.from(text))).toEqual(Buffer.from(data))
        const inLines = ` ${text.replace(/.{1,7}/g, '$&\r\n')}`
        expect(fromBase64(inLines)).toEqual(Buffer.from(data))
        expect(fromBase64(Buffer.from(inLines))).toEqual(Buffer.from(data))
      }),
    )
  })

  it.for([0, 1, 24_575, 24_576, 24_577, 100_000])('of %d bytes is written and read piece by piece', bytes => {
    const data = randomBytes(bytes)
    const target = Buffer.alloc(base64Length(bytes) + 2, '!')
    writeBase64(data, target, 1)
    expect(target.toString()).toBe(`!${data.toString('base64')}!`)
    expect(fromBase64(target.subarray(1, -1))).toEqual(data)
  })

  it('refuses a long one with one wrong character anywhere', () => {
    const text = randomBytes(60_000).toString('base64')
    fc.assert(
      fc.property(fc.nat(text.length - 1), at => {
        expect(fromBase64(Buffer.from(`${text.slice(0, at)}?${text.slice(at + 1)}`))).toBeUndefined()
      }),
      { numRuns: 50 },
    )
  })

  it.for(['A', 'AAA', 'AAAA=', 'AA=A', 'A===', 'AA?A', 'ÄAAA', '====', 'AAAA AAA'])('refuses %j', text => {
    expect(fromBase64(text)).toBeUndefined()
    expect(fromBase64(Buffer.from(text))).toBeUndefined()
  })
})
