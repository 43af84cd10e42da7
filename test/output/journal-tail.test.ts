import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeEvent } from '../../src/events/codec.js'
import type { RunEvent } from '../../src/events/event.js'
import { tailJournal } from '../../src/output/journal-tail.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-tail-'))
  file = join(folder, 'journal.ndjson')
  writeFileSync(file, '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const note = (seq: number, text: string): RunEvent => ({
  v: 1,
  run: 'r',
  seq,
  at: '2026-11-24T21:00:00.000Z',
  type: 'step.progress',
  server: 'ex-cas-01',
  step: 'install',
  note: text,
})

async function all(tail: AsyncIterable<readonly RunEvent[]>): Promise<RunEvent[]> {
  const found: RunEvent[] = []
  for await (const group of tail) found.push(...group)
  return found
}

describe('following a journal', () => {
  it('gives every event once and in order, however the bytes come in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 8 }),
        fc.array(fc.nat(600), { maxLength: 6 }),
        async (texts, cuts) => {
          writeFileSync(file, '')
          const events = texts.map((text, index) => note(index, text))
          const bytes = Buffer.from(events.map(encodeEvent).join(''))
          let ended = false
          const found = all(tailJournal(file, { ended: () => ended, pollMs: 1 }))
          let from = 0
          for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
            appendFileSync(file, bytes.subarray(from, cut))
            from = Math.max(from, Math.min(cut, bytes.length))
            await new Promise(resolve => setImmediate(resolve))
          }
          ended = true
          expect(await found).toEqual(events)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('reads what was written just before the end', async () => {
    appendFileSync(file, encodeEvent(note(1, 'a')))
    const looks: boolean[] = []
    const tail = tailJournal(file, {
      pollMs: 1,
      ended: () => {
        looks.push(true)
        if (looks.length === 2) appendFileSync(file, encodeEvent(note(2, 'b')))
        return looks.length >= 2
      },
    })
    expect((await all(tail)).map(event => event.seq)).toEqual([1, 2])
  })

  it('drops a last line that was cut off, when nobody will end it', async () => {
    appendFileSync(file, `${encodeEvent(note(1, 'a'))}{"v":1,"run`)
    expect(await all(tailJournal(file, { ended: () => true }))).toHaveLength(1)
  })

  it('takes a line that is longer than one read', async () => {
    const long = note(1, 'x'.repeat(3_000_000))
    appendFileSync(file, encodeEvent(long))
    expect(await all(tailJournal(file, { ended: () => true }))).toEqual([long])
  })

  it('ends when it is told to, also while nothing comes', async () => {
    const stop = new AbortController()
    const found = all(tailJournal(file, { ended: () => false, signal: stop.signal, pollMs: 60_000 }))
    setTimeout(() => stop.abort(), 20)
    expect(await found).toEqual([])
  })

  it('says when the journal is damaged before its end', async () => {
    appendFileSync(file, `{"v":1,\n${encodeEvent(note(1, 'a'))}`)
    await expect(all(tailJournal(file, { ended: () => true }))).rejects.toThrow(SyntaxError)
  })
})
