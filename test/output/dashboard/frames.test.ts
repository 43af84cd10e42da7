import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/events/event.js'
import { paintLine } from '../../../src/output/dashboard/paint.js'
import { colorTheme, plainTheme } from '../../../src/output/dashboard/theme.js'
import type { View } from '../../../src/output/dashboard/view.js'
import { frameAt, recordedJournal, screenOf } from './frame-at.js'

const journal = recordedJournal()
const until = (part: number): RunEvent[] => journal.slice(0, Math.floor(journal.length * part))

const sizes = ['60x16', '80x24', '120x30', '160x50'] as const
function sizeOf(text: string) {
  const [columns = 0, rows = 0] = text.split('x').map(Number)
  return { columns, rows }
}

/** Times of day are the operator's, so the frames are those of an operator in UTC. */
process.env.TZ = 'UTC'

describe('frames of a recorded run', () => {
  it.each(sizes)('at %s while it runs', async size => {
    await expect(screenOf(frameAt({ events: until(0.8), size: sizeOf(size) }))).toMatchFileSnapshot(
      `frames/running-${size}.txt`,
    )
  })

  it.each(sizes)('at %s in ASCII', async size => {
    const frame = frameAt({ events: until(0.8), size: sizeOf(size), ascii: true })
    await expect(screenOf(frame)).toMatchFileSnapshot(`frames/running-ascii-${size}.txt`)
  })

  it('at the end', async () => {
    const frame = frameAt({ events: journal, size: sizeOf('80x24') })
    await expect(screenOf(frame)).toMatchFileSnapshot('frames/ended-80x24.txt')
  })

  const panes: [string, Partial<View>][] = [
    ['detail', { pane: 'detail', cursor: 'server:ex-mbx-03' }],
    ['help', { pane: 'help' }],
    ['filtered', { filter: 'state:unknown', group: 'role' }],
    ['question', { question: { text: 'Skip ex-mbx-03?', wishes: [] } }],
  ]
  it.each(panes)('at 80x24 with %s', async (name, view) => {
    const frame = frameAt({ events: until(0.8), size: sizeOf('80x24'), view })
    await expect(screenOf(frame)).toMatchFileSnapshot(`frames/${name}-80x24.txt`)
  })

  it.each([
    ['colour', colorTheme],
    ['no colour', plainTheme],
  ] as const)('painted in %s', async (name, theme) => {
    const { lines } = frameAt({ events: until(0.8), size: sizeOf('80x24') })
    const painted = lines.map(line => paintLine(line, theme).replaceAll('\u001b', '<ESC>')).join('\n')
    await expect(`${painted}\n`).toMatchFileSnapshot(`frames/painted-${name.replace(' ', '-')}-80x24.txt`)
  })

  it('uses no colour where none is wanted, and says everything in signs and words all the same', () => {
    const { lines } = frameAt({ events: until(0.8), size: sizeOf('80x24') })
    const painted = lines.map(line => paintLine(line, plainTheme)).join('\n')
    const codes = painted
      .split('\u001b[')
      .slice(1)
      .flatMap(text => text.slice(0, text.indexOf('m')).split(';'))
    expect(codes.filter(code => Number(code) >= 30)).toEqual([])
    for (const word of ['FAILED', 'UNKNOWN', 'UNREACHABLE', 'missing-cached-patch']) expect(painted).toContain(word)
  })
})

describe('what has to be seen without a key', () => {
  const causes: Record<string, string> = {
    'ex-edge-02': 'AUTH_FAILED',
    'ex-cas-04': 'crl-check',
    'ex-hub-01': 'crl-check',
    'ex-hub-02': 'stalled',
    'ex-um-01': 'wrong-architecture',
    'ex-um-02': 'CONNECT_FAILED',
    'ex-mbx-03': 'missing-cached-patch',
  }

  it.each(['60x16', '80x24', '160x50'])('the cause of each failed server is on the screen at %s', size => {
    const screen = screenOf(frameAt({ events: journal, size: sizeOf(size) }))
    for (const [server, cause] of Object.entries(causes)) {
      expect(screen).toMatch(new RegExp(`${server}[^\\n]*(\\n    )?[^\\n]*${cause}`))
    }
  })

  it('servers that need attention come before all others', () => {
    const { facts } = frameAt({ events: journal, size: sizeOf('160x50') })
    expect(facts.rows.slice(0, 7).sort()).toEqual(
      Object.keys(causes)
        .map(name => `server:${name}`)
        .sort(),
    )
  })
})
