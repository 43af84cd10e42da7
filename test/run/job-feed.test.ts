import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunEventBody } from '../../src/events/event.js'
import type { InventoryServer } from '../../src/inventory/model.js'
import { createJobFeed } from '../../src/run/job-feed.js'
import { createTold, type ToldOnce } from '../../src/run/told.js'
import type { JobEntry } from '../../src/scripts/catalog.js'

const at = '2008-10-14T22:00:00.000Z'
const crl = { setting: 'crl', scope: 'S-1-5-18' } as const

/** A job as it goes well: CRL off, install, CRL back. */
const journal: JobEntry[] = [
  { type: 'step', step: 'settings-on', status: 'started' },
  { type: 'setting', change: 'changed', by: 'job', ...crl, from: 0x23c00, to: 0x23e00 },
  { type: 'step', step: 'settings-on', status: 'finished', outcome: 'changed' },
  { type: 'step', step: 'install', status: 'started' },
  { type: 'exit', code: 0 },
  { type: 'step', step: 'install', status: 'finished', outcome: 'changed' },
  { type: 'step', step: 'settings-restore', status: 'started' },
  { type: 'setting', change: 'restored', by: 'job', ...crl, from: 0x23e00, to: 0x23c00 },
  { type: 'step', step: 'settings-restore', status: 'finished', outcome: 'changed' },
  { type: 'ended', exitCode: 0 },
].map((entry, index) => ({ seq: index + 1, at, ...entry }) as JobEntry)

function feedOf(told: ToldOnce = createTold().of('a', 1)) {
  const events: RunEventBody[] = []
  const feed = createJobFeed({
    context: {
      emit: async body => {
        events.push(body)
      },
      server: { name: 'a' } as InventoryServer,
      told,
    },
    attempt: 1,
    script: { name: 'Invoke-InstallJob', sha256: 'f'.repeat(64) },
    now: () => 0,
  })
  return { events, feed }
}

describe('the job feed', () => {
  it('turns the journal of the server into steps and settings in order', async () => {
    const { events, feed } = feedOf()
    await feed.take(journal)
    expect(events.filter(event => event.type !== 'step.progress').map(event => event.type)).toEqual([
      'step.started',
      'setting.changed',
      'step.finished',
      'step.started',
      'step.finished',
      'step.started',
      'setting.restored',
      'step.finished',
    ])
    expect(feed.ended).toEqual({ 'settings-on': 'changed', install: 'changed', 'settings-restore': 'changed' })
    expect(feed).toMatchObject({ exitCode: 0, crlOff: true, open: null, lastSeq: journal.length })
  })

  it('gives the same events however often and in whatever pieces the journal is read', async () => {
    const whole = feedOf()
    await whole.feed.take(journal)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(journal.length), { maxLength: 6 }), async cuts => {
        const { events, feed } = feedOf()
        for (const cut of [...cuts].sort((a, b) => a - b)) await feed.take(journal.slice(0, cut))
        await feed.take(journal)
        expect(events).toEqual(whole.events)
      }),
    )
  })

  it('does not announce a step that the follower has announced already', async () => {
    const { events, feed } = feedOf()
    feed.adopt('settings-on')
    await feed.take(journal.slice(0, 1))
    expect(events).toEqual([])
  })

  it('leaves a value that somebody else changed as a note, not as restored', async () => {
    const { events, feed } = feedOf()
    await feed.take([
      { seq: 1, at, type: 'setting', change: 'foreign', by: 'guard', ...crl, from: 0x23c01, to: 0x23c00 },
    ])
    expect(events.map(event => event.type)).toEqual(['step.progress'])
  })

  it('closes the open step once, by the follower’s judgement', async () => {
    const { events, feed } = feedOf()
    await feed.take(journal.slice(0, 4))
    await feed.close('unknown', { code: 'INSTALL_STALLED', message: 'quiet' })
    await feed.close('failed')
    expect(feed.ended.install).toBe('unknown')
    expect(events.filter(event => event.type === 'step.finished')).toHaveLength(2)
  })

  it('tells nothing twice of which an earlier process told, and goes on behind it', async () => {
    const first = feedOf()
    await first.feed.take(journal.slice(0, 5))
    const told = createTold()
    for (const [index, body] of first.events.entries()) told.note({ v: 1, run: 'r', seq: index, at, ...body })
    const second = feedOf(told.of('a', 1))
    await second.feed.take(journal)
    const changes = [...first.events, ...second.events].filter(event => event.type.startsWith('setting.'))
    expect(changes.map(event => event.type)).toEqual(['setting.changed', 'setting.restored'])
    expect(second.feed.crlOff).toBe(true)
  })

  it('tells all of a second attempt, whatever the first one told', async () => {
    const first = feedOf()
    await first.feed.take(journal)
    const told = createTold()
    for (const [index, body] of first.events.entries()) told.note({ v: 1, run: 'r', seq: index, at, ...body })
    const second = feedOf(told.of('a', 2))
    await second.feed.take(journal)
    expect(second.events.filter(event => event.type.startsWith('setting.'))).toHaveLength(2)
  })
})
