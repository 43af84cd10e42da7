import { describe, expect, it } from 'vitest'
import { longestName, serverRow, tableColumns } from '../../../src/output/dashboard/columns.js'
import { detailLines } from '../../../src/output/dashboard/detail.js'
import { lineWidth, plainLine } from '../../../src/output/dashboard/span.js'
import { fleetJournal, serverName, type Trouble, upTo } from './fleet-journal.js'
import { sceneOf } from './frame-at.js'

const name = serverName(0)

function rowAt({
  part = 1,
  width = 80,
  trouble,
  causeInRow = false,
}: {
  part?: number
  width?: number
  trouble?: Trouble
  causeInRow?: boolean
}) {
  const scene = sceneOf({
    events: upTo(
      fleetJournal({ servers: 3, ...(trouble === undefined ? {} : { troubles: { [name]: trouble } }) }),
      part,
    ),
    ascii: true,
  })
  const server = scene.model.run.servers[name]
  if (server === undefined) throw new Error(`${name} is in the run`)
  const columns = tableColumns(width, longestName([server]))
  const line = serverRow(server, { columns, width, scene, selected: false, causeInRow, typicalMs: null })
  return { text: plainLine(line), line, server, scene }
}

describe('a row of the table', () => {
  it('of a server that waits says so and no more', () => {
    expect(rowAt({ part: 0 }).text.trimEnd()).toMatch(/^ {2}\. ex-mbx-01a MBX +waiting +- +- +- -$/)
  })

  it('of a running install has its percentage, its time, its services and what is changed', () => {
    expect(rowAt({ part: 0.6 }).text.trimEnd()).toMatch(
      /^ {2}\* ex-mbx-01a MBX +install +\d+% +\d+:\d\d +9\/31 CRL POLICY$/,
    )
  })

  it('of a server whose step failed names that step before anything else of it has ended', () => {
    const journal = fleetJournal({ servers: 1, troubles: { [name]: 'missing-cached-patch' } })
    const failure = journal.findIndex(event => event.type === 'step.finished' && event.outcome === 'failed')
    const scene = sceneOf({ events: journal.slice(0, failure + 1), ascii: true })
    const [server] = Object.values(scene.model.run.servers)
    if (server === undefined) throw new Error('there is one server')
    const columns = tableColumns(80, 10)
    const line = serverRow(server, { columns, width: 80, scene, selected: false, causeInRow: false, typicalMs: null })
    expect(plainLine(line)).toMatch(/^ {2}X ex-mbx-01a MBX {2}install /)
  })

  it('of a server that went well says changed', () => {
    expect(rowAt({}).text).toMatch(/^ {2}\+ ex-mbx-01a MBX +changed/)
  })

  it.each([
    ['missing-cached-patch', 'X', 'install'],
    ['unreachable', '!', 'connect'],
    ['pending-reboot', 'B', 'precheck'],
    ['stalled', '?', 'install'],
  ] as const)('of %s has the sign and the step it ended in', (trouble, sign, step) => {
    expect(rowAt({ trouble }).text).toMatch(new RegExp(`^ {2}[${sign}] ex-mbx-01a MBX +${step} `))
  })

  it('names the cause where there is no line for it', () => {
    expect(rowAt({ trouble: 'missing-cached-patch', causeInRow: true }).text).toContain('missing-cached-patch')
  })

  it('shouts about a setting that could not be put back', () => {
    const { line, text } = rowAt({ trouble: 'setting-stuck' })
    expect(text).toContain('STUCK POLICY')
    expect(line.find(({ text }) => text === 'STUCK')?.tone).toBe('stuck')
  })

  it.each([60, 80, 96, 120, 160])('of %i columns is no wider', width => {
    expect(lineWidth(rowAt({ trouble: 'setting-stuck', width }).line)).toBeLessThanOrEqual(width)
  })

  it.each([60, 80, 120])('of %i columns has room for the longest cause', width => {
    expect(rowAt({ trouble: 'missing-cached-patch', causeInRow: true, width }).text).toContain('missing-cached-patch')
  })
})

describe('the detail of a server', () => {
  const text = (trouble?: Trouble, part = 1) => {
    const { server, scene } = rowAt({ part, ...(trouble === undefined ? {} : { trouble }) })
    return detailLines(server, scene, 70).map(plainLine).join('\n')
  }

  it('has the diagnosis with every line of evidence, every remedy and the command', () => {
    const detail = text('missing-cached-patch')
    expect(detail).toContain('DIAGNOSIS  missing-cached-patch  certain')
    expect(detail).toContain('seen KB952580.log:48211')
    expect(detail).toContain('seen KB952580.log:48230')
    expect(detail.replace(/\s+/g, ' ')).toContain(`--limit ${name}`)
    expect(detail.indexOf('DIAGNOSIS')).toBeLessThan(detail.indexOf('STEPS'))
  })

  it('has the steps with their times, those to come as well', () => {
    const detail = text(undefined, 0.5)
    expect(detail).toMatch(/\+ {2}1 connect +0:04/)
    expect(detail).toMatch(/\. 16 diagnose/)
  })

  it('has what is changed, and what it was before', () => {
    expect(text(undefined, 0.5)).toContain('crl S-1-5-18: 0x23c00 > 0x23e00')
    expect(text('setting-stuck')).toContain(' STUCK ')
  })

  it('has the services that are down by name', () => {
    expect(text('services-disabled')).toContain('down MSExchangeTransport')
  })

  it('has the error of a step with what to try', () => {
    expect(text('unreachable')).toMatch(/CONNECT_REFUSED [\s\S]*try: Is sshd/)
  })
})
