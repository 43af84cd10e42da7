import { describe, expect, it } from 'vitest'
import { KeptOutput } from '../../src/transport/kept-output.js'

describe('what a command wrote', () => {
  it('is joined before it is decoded', () => {
    const output = new KeptOutput()
    for (const byte of Buffer.from('café')) output.add(Buffer.of(byte))
    expect(output.text()).toBe('café')
  })

  it('has a limit', () => {
    const output = new KeptOutput(10)
    output.add(Buffer.alloc(10))
    expect(() => output.add(Buffer.alloc(1))).toThrow(expect.objectContaining({ code: 'OUTPUT_TOO_LARGE' }))
  })
})
