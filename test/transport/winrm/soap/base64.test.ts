import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64 } from '../../../../src/transport/winrm/soap/base64.js'

describe('base64 of a stream', () => {
  it('gives back what was written, in one line or in many', () => {
    fc.assert(
      fc.property(fc.uint8Array(), data => {
        const text = Buffer.from(data).toString('base64')
        expect(fromBase64(text)).toEqual(Buffer.from(data))
        expect(fromBase64(` ${text.replace(/.{1,7}/g, '$&\r\n')}`)).toEqual(Buffer.from(data))
      }),
    )
  })

  it.for(['A', 'AAA', 'AAAA=', 'AA=A', 'A===', 'AA?A', 'ÄAAA', '====', 'AAAA AAA'])('refuses %j', text => {
    expect(fromBase64(text)).toBeUndefined()
  })
})
