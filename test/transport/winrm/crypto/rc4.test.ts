import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rc4 } from '../../../../src/transport/winrm/crypto/rc4.js'

describe('RC4', () => {
  // RFC 6229 section 2: the key stream at offset 0 and at offset 4096.
  it.for([
    ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8', 'ff25b58995996707e51fbdf08b34d875'],
    ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97', 'a36a4c301ae8ac13610ccbc12256cacc'],
    ['833222772a', '80ad97bdc973df8a2e879e92a497efda', '6ebc55a0d7a4d1cc9ab1e6d1c5ac1f4d'],
  ] as const)('has the key stream of RFC 6229 for key %s', ([key, start]) => {
    const stream = new Rc4(Buffer.from(key, 'hex')).apply(Buffer.alloc(4112))
    expect(stream.subarray(0, 16).toString('hex')).toBe(start)
  })

  it('goes on where the last call ended', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), fc.array(fc.uint8Array()), (key, pieces) => {
        const whole = new Rc4(key).apply(Buffer.concat(pieces))
        const stream = new Rc4(key)
        expect(Buffer.concat(pieces.map(piece => stream.apply(piece))).equals(whole)).toBe(true)
      }),
    )
  })

  it('makes the same of bytes wherever they stand in memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.uint8Array({ maxLength: 40 }), fc.nat(7), (key, data, at) => {
        const around = new Uint8Array(at + data.length + 4).fill(0x55)
        around.set(data, at)
        new Rc4(key).applyTo(around.subarray(at, at + data.length))
        expect(Buffer.from(around.subarray(at, at + data.length))).toEqual(new Rc4(key).apply(data))
        expect([...around.subarray(0, at), ...around.subarray(at + data.length)]).toEqual(Array(at + 4).fill(0x55))
      }),
    )
  })

  it('undoes itself', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.uint8Array(), (key, data) => {
        expect(new Rc4(key).apply(new Rc4(key).apply(data))).toEqual(Buffer.from(data))
      }),
    )
  })

  it('takes no empty key', () => {
    expect(() => new Rc4(new Uint8Array())).toThrow(RangeError)
  })
})
