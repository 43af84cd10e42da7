import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packGuid, unpackGuid } from '../../src/products/packed-guid.js'

// exchange.md 4.3: from the article's log, public logs and version scripts.
const known = [
  ['{24B2C164-DE66-44FE-B468-A46D9D5E6B31}', '461C2B4266EDEF444B864AD6D9E5B613'],
  ['{4934D1EA-BE46-48B1-8847-F1AF20E892C1}', 'AE1D439464EB1B8488741FFA028E291C'],
  ['{CD981244-E9B8-405A-9026-6AEB9DCEF1F1}', '442189DC8B9EA5040962A6BED9EC1F1F'],
  ['{09679EB4-B32D-4F10-88C9-34299B366C5B}', '4BE97690D23B01F4889C4392B963C6B5'],
  ['{A93DA06F-A5B8-4DF8-8B3F-B285E014C659}', 'F60AD39A8B5A8FD4B8F32B580E416C95'],
  ['{9B55849A-D0A7-4F16-978B-D4D389ADD022}', 'A94855B97A0D61F479B84D3D98DA0D22'],
  ['{C3E4DD1C-13B7-4378-ACB9-808516A235B2}', 'C1DD4E3C7B318734CA9B0858612A532B'],
] as const

describe('packed GUIDs', () => {
  it.each(known)('%s is %s in the registry, and back', (guid, packed) => {
    expect(packGuid(guid)).toBe(packed)
    expect(unpackGuid(packed)).toBe(guid)
    expect(packGuid(guid.toLowerCase())).toBe(packed)
    expect(unpackGuid(packed.toLowerCase())).toBe(guid)
  })

  it('come back from packing for any GUID', () => {
    fc.assert(
      fc.property(fc.uuid(), uuid => {
        expect(unpackGuid(packGuid(`{${uuid}}`))).toBe(`{${uuid.toUpperCase()}}`)
      }),
    )
  })

  it.each(['', '24B2C164-DE66-44FE-B468-A46D9D5E6B31', '{24B2C164}', '{24B2C164-DE66-44FE-B468-A46D9D5E6B31} '])(
    'are not made of %j',
    text => {
      expect(() => packGuid(text)).toThrow(RangeError)
      expect(() => unpackGuid(text)).toThrow(RangeError)
    },
  )
})
