import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEventBus } from '../../src/events/bus.js'
import { decodeEvents } from '../../src/events/codec.js'
import type { RunEvent } from '../../src/events/event.js'
import { openJournal } from '../../src/output/journal.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const now = () => '2026-11-24T21:00:00.000Z'

describe('the journal', () => {
  it('has an event on disk when the emit resolves, in order, also with many at once', async () => {
    const file = join(folder, 'journal.ndjson')
    const journal = await openJournal(file)
    const bus = createEventBus({ run: 'r', now, durable: event => journal.write(event) })
    await bus.emit({ type: 'batch.started', batch: 1, servers: ['a'] })
    expect(decodeEvents(readFileSync(file, 'utf8')).events).toHaveLength(1)
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        bus.emit({ type: 'step.progress', server: 'a', step: 'install', note: `${index}` }),
      ),
    )
    const { events, torn } = decodeEvents(readFileSync(file, 'utf8'))
    expect(torn).toBe(0)
    expect(events.map(event => event.seq)).toEqual(Array.from({ length: 201 }, (_, index) => index + 1))
    await journal.close()
  })

  it('is readable by its owner only, and goes on where an earlier process stopped', async () => {
    const file = join(folder, 'journal.ndjson')
    for (const seq of [1, 2]) {
      const journal = await openJournal(file)
      await journal.write({ v: 1, run: 'r', seq, at: now(), type: 'batch.started', batch: seq, servers: [] })
      await journal.close()
    }
    expect(decodeEvents(readFileSync(file, 'utf8')).events.map(event => event.seq)).toEqual([1, 2])
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it.skipIf(!existsSync('/dev/full'))('takes nothing more once a write failed (needs /dev/full)', async () => {
    const journal = await openJournal('/dev/full')
    const event: RunEvent = { v: 1, run: 'r', seq: 1, at: now(), type: 'batch.started', batch: 1, servers: [] }
    await expect(journal.write(event)).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(Promise.all([journal.write(event), journal.write(event)])).rejects.toMatchObject({ code: 'ENOSPC' })
    await journal.close()
  })

  it('does not keep log lines: the log itself is pulled', async () => {
    const file = join(folder, 'journal.ndjson')
    const journal = await openJournal(file)
    await journal.write({
      v: 1,
      run: 'r',
      seq: 1,
      at: now(),
      type: 'log.line',
      server: 'a',
      log: 'msi',
      line: 1,
      text: 'x',
    })
    await journal.close()
    expect(readFileSync(file, 'utf8')).toBe('')
  })
})

describe('the event bus', () => {
  it('takes secrets out of an event before anybody sees it', async () => {
    const seen: string[] = []
    const bus = createEventBus({
      run: 'r',
      now,
      durable: async event => void seen.push(JSON.stringify(event)),
      mask: text => text.replaceAll('hunter2', '********'),
    })
    bus.listen(event => seen.push(JSON.stringify(event)))
    await bus.emit({ type: 'step.progress', server: 'a', step: 'connect', note: 'password hunter2 refused' })
    expect(seen).toHaveLength(2)
    expect(seen.join('')).not.toContain('hunter2')
    expect(seen.join('')).toContain('password ******** refused')
  })

  it('survives a listener that throws, and stops calling it', async () => {
    let calls = 0
    const bus = createEventBus({ run: 'r', now, durable: async () => undefined })
    bus.listen(() => {
      calls++
      throw new Error('a broken view')
    })
    await bus.emit({ type: 'batch.started', batch: 1, servers: [] })
    await bus.emit({ type: 'batch.finished', batch: 1, servers: [] })
    expect(calls).toBe(1)
  })

  it('fails the emit when the journal cannot be written: no act without its line', async () => {
    const bus = createEventBus({
      run: 'r',
      now,
      durable: () => Promise.reject(new Error('disk full')),
    })
    await expect(bus.emit({ type: 'batch.started', batch: 1, servers: [] })).rejects.toThrow('disk full')
  })
})
