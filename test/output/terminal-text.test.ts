import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events/event.js'
import { ndjsonOutput } from '../../src/output/ndjson.js'
import { terminalJson, terminalText } from '../../src/output/terminal-text.js'

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal acts on
const acted = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/
const anyText = fc.string({
  unit: fc.constantFrom('a', '"', '\\', '\u001b', '\u009b', '\u0007', '\u202e', '\n', 'é', '😀'),
})

describe('text of a server', () => {
  it('moves no cursor and turns nothing round', () => {
    fc.assert(
      fc.property(anyText, text => {
        expect(terminalText(text)).not.toMatch(acted)
      }),
    )
  })

  it('says in JSON what it said, and nothing that a terminal acts on', () => {
    fc.assert(
      fc.property(fc.array(anyText), texts => {
        const json = terminalJson({ texts })
        expect(json).not.toMatch(acted)
        expect(JSON.parse(json)).toEqual({ texts })
      }),
    )
  })

  it('is safe as events too, a line each', () => {
    const stream = new PassThrough()
    const event = { type: 'log.line', server: 'ex-01', text: 'a\u009b31m\u202eb', line: 1 }
    const whole = { v: 1, run: 'r', seq: 1, at: '2026-11-26T00:00:00.000Z', ...event } as RunEvent
    ndjsonOutput(stream)(whole)
    const line = String(stream.read())
    expect(line).not.toMatch(acted)
    expect(JSON.parse(line)).toEqual(whole)
  })
})
