import { describe, expect, it } from 'vitest'
import type { RunEventBody } from '../../src/events/event.js'
import { emptyState, reduce } from '../../src/events/reduce.js'
import { recap } from '../../src/output/recap.js'

const blocked = (block: string): RunEventBody[] => [
  { type: 'run.started', action: 'apply', dryRun: false, servers: [{ name: 'a', roles: ['cas'], batch: 1 }] },
  { type: 'precheck.blocked', server: 'a', block, message: 'what was found', remedy: 'the cure', allowed: false },
  { type: 'server.finished', server: 'a', outcome: 'blocked', cause: block },
]

function textOf(events: RunEventBody[]): string {
  let state = emptyState()
  events.forEach((event, index) => {
    state = reduce(state, { v: 1, seq: index + 1, at: '2008-10-14T22:00:00.000Z', run: 'r', ...event })
  })
  return recap(state, { folder: '/runs/r' })
}

describe('the recap', () => {
  it.each([
    ['disk-full', true],
    ['not-elevated', false],
    ['powershell-version', false],
  ])('of a server blocked as %s says how to let it through: %s', (block, offers) => {
    const text = textOf(blocked(block))
    expect(text).toContain('  what was found\n  cure: the cure')
    expect(text.includes(`--allow ${block}@a`)).toBe(offers)
  })

  it('names the command that tries a stuck setting again, for this server', () => {
    const text = textOf([
      { type: 'run.started', action: 'apply', dryRun: false, servers: [{ name: 'a', roles: ['cas'], batch: 1 }] },
      { type: 'setting.stuck', server: 'a', setting: 'crl', scope: 'S-1-5-18', from: 0x23e00, to: 0x23c00 },
      { type: 'server.finished', server: 'a', outcome: 'changed' },
    ])
    expect(text).toContain('STUCK crl S-1-5-18')
    expect(text).toContain('fix: exroll restore -i INVENTORY --limit a\n')
  })

  it('counts the servers of a run that was interrupted', () => {
    const servers = ['a', 'b', 'c'].map(name => ({ name, roles: ['cas' as const], batch: 1 }))
    const started: RunEventBody = { type: 'run.started', action: 'apply', dryRun: false, servers }
    expect(textOf([started])).toContain('\nnot ended 3. Run folder: /runs/r')
    expect(textOf([started, { type: 'server.finished', server: 'b', outcome: 'changed' }])).toContain(
      '\nchanged 1, not ended 2. Run folder: /runs/r',
    )
  })

  it('puts the name of the server into the command that cures it', () => {
    const text = textOf([
      { type: 'run.started', action: 'apply', dryRun: false, servers: [{ name: 'a', roles: ['cas'], batch: 1 }] },
      {
        type: 'diagnosis.made',
        server: 'a',
        id: 'poisoned-service-state',
        confidence: 'certain',
        title: 'what it is',
        evidence: [],
        remedy: ['the cure'],
        fix: 'exroll restore -i INVENTORY --limit SERVER',
      },
      { type: 'server.finished', server: 'a', outcome: 'failed', cause: 'poisoned-service-state' },
    ])
    expect(text).toContain('fix: exroll restore -i INVENTORY --limit a\n')
  })
})
