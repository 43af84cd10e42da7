import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMasker, maskText } from '../../src/secrets/mask.js'

describe('createMasker', () => {
  it('replaces a secret wherever it stands, and nothing else', () => {
    const masker = createMasker(['hunter2'])
    expect(masker.mask('logon hunter2 as hunter: hunter2!')).toBe(`logon ${maskText} as hunter: ${maskText}!`)
    expect(masker.mask('')).toBe('')
  })

  it('replaces what is special in a pattern as it is', () => {
    expect(createMasker(['a.*[b]$^(\\']).mask('x a.*[b]$^(\\ y axxb')).toBe(`x ${maskText} y axxb`)
  })

  it('takes the longer of two secrets that begin alike, whichever was added first', () => {
    expect(createMasker(['pass', 'password']).mask('password')).toBe(maskText)
    expect(createMasker(['password', 'pass']).mask('password')).toBe(maskText)
  })

  it('learns secrets later, and an empty one is none', () => {
    const masker = createMasker()
    masker.add('')
    expect(masker.mask('anything')).toBe('anything')
    masker.add('thing')
    expect(masker.mask('anything')).toBe(`any${maskText}`)
  })

  it('leaves no secret in a text, nor in its JSON, URL or base64 form', () => {
    const secret = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 20 }).filter(text => !text.includes('*'))
    const text = fc.string({ unit: 'grapheme', maxLength: 20 })
    fc.assert(
      fc.property(secret, text, text, (hidden, before, after) => {
        const { mask } = createMasker([hidden])
        for (const form of [
          hidden,
          JSON.stringify(hidden).slice(1, -1),
          encodeURIComponent(hidden),
          Buffer.from(hidden).toString('base64'),
        ]) {
          expect(mask(`${before}${form}${after}`)).not.toContain(form)
        }
      }),
    )
  })
})
