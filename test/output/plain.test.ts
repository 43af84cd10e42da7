import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { RunEvent, RunEventBody } from '../../src/events/event.js'
import { emptyState, reduce } from '../../src/events/reduce.js'
import { plainOutput } from '../../src/output/plain.js'
import { recap } from '../../src/output/recap.js'

const started: RunEventBody = {
  type: 'run.started',
  action: 'apply',
  dryRun: false,
  title: 'Rollup 4',
  servers: [
    { name: 'ex-cas-01', roles: ['cas'], batch: 1 },
    { name: 'ex-mbx-01', roles: ['mailbox'], batch: 2 },
  ],
}

function events(bodies: RunEventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({
    v: 1,
    run: 'r1',
    seq: index + 1,
    at: new Date(index * 1000).toISOString(),
    ...body,
  }))
}

function plain(bodies: RunEventBody[]): string[] {
  let text = ''
  const stream = new Writable({
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  const listen = plainOutput(stream)
  for (const event of events(bodies)) listen(event)
  return text.split('\n').map(line => line.slice(9))
}

const failure: RunEventBody[] = [
  started,
  { type: 'step.started', server: 'ex-cas-01', step: 'install', attempt: 1 },
  {
    type: 'step.finished',
    server: 'ex-cas-01',
    step: 'install',
    outcome: 'failed',
    ms: 5,
    error: { code: 'MSI_1603', message: 'msiexec ended with 1603', hint: 'see the diagnosis' },
  },
  {
    type: 'diagnosis.made',
    server: 'ex-cas-01',
    id: 'missing-cached-patch',
    confidence: 'certain',
    title: 'A cached .msp is missing',
    evidence: [{ log: '952580.log', line: 812, text: 'Couldn\u001b[2Jt find local patch' }],
    remedy: ['Copy it back'],
  },
  { type: 'server.finished', server: 'ex-cas-01', outcome: 'failed', cause: 'missing-cached-patch' },
]

describe('plain output', () => {
  it.for([
    ['disk-full', 'disk-full', '(disk-full)'],
    ['disk-full', 'disk-full, corruption', '(disk-full, corruption)'],
    ['disk-full', 'disk-full-too', '(disk-full, disk-full-too)'],
    ['cluster-partner', 'the other node failed', '(cluster-partner, the other node failed)'],
    [undefined, 'a note', '(a note)'],
    ['owa-broken', undefined, '(owa-broken)'],
    [undefined, undefined, ''],
  ] as const)('says cause %s and note %s as %s', ([cause, note, why]) => {
    const told = { ...(cause !== undefined && { cause }), ...(note !== undefined && { note }) }
    const lines = plain([
      ...failure.slice(0, 1),
      { type: 'server.finished', server: 'ex-cas-01', outcome: 'blocked', ...told },
    ])
    expect(lines).toContain(`1/2 ex-cas-01 BLOCKED${why === '' ? '' : ` ${why}`}`)
  })

  it('prints one line for each change of state, with counts and without escapes', () => {
    const lines = plain([
      ...failure,
      { type: 'setting.changed', server: 'ex-mbx-01', setting: 'crl', scope: 'S-1-5-18', from: 146432, to: 146944 },
      { type: 'setting.stuck', server: 'ex-mbx-01', setting: 'crl', scope: 'S-1-5-18', from: 146944, to: null },
    ])
    expect(lines).toContain('0/2 ex-cas-01 install FAILED MSI_1603: msiexec ended with 1603')
    expect(lines).toContain('1/2 ex-cas-01 FAILED (missing-cached-patch)')
    expect(lines).toContain('1/2 ex-mbx-01 setting.changed crl S-1-5-18: 0x23c00 -> 0x23e00')
    expect(lines).toContain('1/2 ex-mbx-01 SETTING STUCK crl S-1-5-18: 0x23e00 -> absent: could not be put back')
    expect(lines.join('')).not.toContain('\u001b')
  })

  it('tells progress at most every 30 seconds for each server and step', () => {
    const progress = (server: string, note: string): RunEventBody => ({
      type: 'step.progress',
      server,
      step: 'install',
      note,
    })
    const bodies = Array.from({ length: 70 }, (_, index) => progress('ex-cas-01', `note ${index}`))
    const lines = plain([started, progress('ex-mbx-01', 'other'), ...bodies]).filter(line => line.includes('note '))
    expect(lines).toHaveLength(3)
  })
})

describe('the recap', () => {
  const state = events(failure).reduce(reduce, emptyState())
  const text = recap(state, { folder: '/runs/r1' })

  it('has a line for each server with its counts and outcome', () => {
    expect(text).toMatch(/^ex-cas-01 +: ok=0 +changed=0 +failed=1 .*FAILED \(missing-cached-patch\)$/m)
    expect(text).toMatch(/^ex-mbx-01 +: .*NOT ENDED$/m)
  })

  it('gives each failed server its diagnosis, evidence and numbered remedy, free of escapes', () => {
    expect(text).toContain('diagnosis: A cached .msp is missing (certain)')
    expect(text).toContain('952580.log:812:')
    expect(text).toContain('1. Copy it back')
    expect(text).not.toContain('\u001b')
    expect(text).toContain('/runs/r1')
  })
})
