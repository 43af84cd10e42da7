import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainLine } from '../../../src/output/dashboard/span.js'
import { textWidth } from '../../../src/output/dashboard/text-width.js'
import type { View } from '../../../src/output/dashboard/view.js'
import { fleetJournal, serverName, type Trouble, upTo } from './fleet-journal.js'
import { frameAt } from './frame-at.js'

const troubles: Trouble[] = [
  'missing-cached-patch',
  'services-disabled',
  'crl-check',
  'unreachable',
  'pending-reboot',
  'stalled',
  'setting-stuck',
]

const names = {
  plain: serverName,
  long: (index: number) => `ex-${'very-'.repeat(12)}long-${index}.contoso.com`,
  wide: (index: number) => `交換伺服器-東京-${index}`,
  escapes: (index: number) => `ex-\u001b[2J\u001b]0;title\u0007${index}\r\n\t👩‍👩‍👧‍👦`,
}

const fleet = fc.record({
  servers: fc.constantFrom(0, 1, 10, 42, 500),
  name: fc.constantFrom<keyof typeof names>('plain', 'long', 'wide', 'escapes'),
  faults: fc.array(fc.tuple(fc.nat(41), fc.constantFrom(...troubles)), { maxLength: 30 }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  batchSize: fc.constantFrom(1, 5, 125),
})

const view: fc.Arbitrary<Partial<View>> = fc.record(
  {
    pane: fc.constantFrom('list' as const, 'detail' as const, 'log' as const, 'help' as const),
    filter: fc.constantFrom('', 'state:failed', '!mbx', 'nothing like that'),
    failedOnly: fc.boolean(),
    group: fc.constantFrom('batch' as const, 'role' as const, 'state' as const),
    sort: fc.constantFrom('plan' as const, 'name' as const, 'elapsed' as const),
    opening: fc.constantFrom('auto' as const, 'active' as const, 'all' as const),
    spread: fc.boolean(),
    scroll: fc.nat(2000),
    wrap: fc.boolean(),
    follow: fc.boolean(),
    search: fc.constantFrom('', 'FileCopy'),
    notice: fc.constantFrom(null, 'asked to stop '.repeat(30)),
    question: fc.constantFrom(null, { text: `Take ${'東京'.repeat(60)} up again?`, wishes: [] }),
    typing: fc.constantFrom(null, { what: 'filter' as const, text: 'x'.repeat(400) }),
  },
  { requiredKeys: [] },
)

const size = fc.record({ columns: fc.integer({ min: 20, max: 300 }), rows: fc.integer({ min: 5, max: 100 }) })

describe('a frame', () => {
  it('is never wider than the terminal nor as high, whatever runs, whatever it is called, whatever is looked at', () => {
    fc.assert(
      fc.property(
        fleet,
        view,
        size,
        fc.boolean(),
        ({ servers, name, faults, part, batchSize }, look, terminal, ascii) => {
          const nameOf = names[name]
          const events = upTo(
            fleetJournal({
              servers,
              batchSize,
              nameOf,
              logLines: servers > 100 ? 0 : 20,
              troubles: Object.fromEntries(faults.map(([index, trouble]) => [nameOf(index), trouble])),
            }),
            part,
          )
          const { lines } = frameAt({ events, view: look, size: terminal, ascii })
          expect(lines.length).toBeLessThanOrEqual(terminal.rows - 1)
          for (const line of lines) {
            const text = plainLine(line)
            expect(text).not.toMatch(/\p{Cc}/u)
            expect(textWidth(text)).toBeLessThanOrEqual(terminal.columns)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('fills a terminal that is large enough to its last line but one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 300 }), fc.integer({ min: 16, max: 100 }), (columns, rows) => {
        const { lines } = frameAt({ events: upTo(fleetJournal({ servers: 10 }), 0.4), size: { columns, rows } })
        expect(lines.length).toBe(rows - 1)
      }),
      { numRuns: 50 },
    )
  })

  it('is ASCII where only ASCII is to be drawn', () => {
    const events = upTo(
      fleetJournal({ servers: 42, troubles: { [serverName(2)]: 'stalled', [serverName(5)]: 'crl-check' } }),
      0.6,
    )
    for (const pane of ['list', 'detail', 'log', 'help'] as const) {
      const { lines } = frameAt({ events, view: { pane }, size: { columns: 160, rows: 50 }, ascii: true })
      for (const line of lines) expect(plainLine(line)).toMatch(/^[\x20-\x7e]*$/)
    }
  })
})
