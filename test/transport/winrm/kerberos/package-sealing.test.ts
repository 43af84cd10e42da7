import { describe, expect, it } from 'vitest'
import { splitToken } from '../../../../src/transport/winrm/auth/package-sealing.js'

const message = Buffer.from('message')
const confounder = Buffer.alloc(16, 1)
const trailer = Buffer.alloc(28, 2)
const head = (rotation: number): Buffer => {
  const bytes = Buffer.from('050406ff0000000000000000000000aa', 'hex')
  bytes.writeUInt16BE(rotation, 6)
  return bytes
}

describe('a token that the kerberos package wrapped', () => {
  it('of GSSAPI is turned round so that the message comes last, and says by how much', () => {
    const token = Buffer.concat([head(0), confounder, message, trailer])
    const { header, data, padding } = splitToken(token, message.length)
    expect(data).toEqual(message)
    expect(padding).toBeUndefined()
    expect(header).toEqual(Buffer.concat([head(28), trailer, confounder]))
  })

  it('of SSPI stands that way already', () => {
    const token = Buffer.concat([head(28), trailer, confounder, message])
    expect(splitToken(token, message.length)).toEqual({ header: token.subarray(0, 60), data: message })
  })

  it('of RC4 is cut before the message, which has a byte of padding', () => {
    const token = Buffer.concat([Buffer.from('60', 'hex'), Buffer.alloc(44), message, Buffer.from([1])])
    const { header, data, padding } = splitToken(token, message.length)
    expect(header).toHaveLength(45)
    expect(data).toEqual(Buffer.concat([message, Buffer.from([1])]))
    expect(padding).toBe(1)
  })
})
