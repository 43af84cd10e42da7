import { describe, expect, it } from 'vitest'
import { closingLines, type DashboardEnd } from '../../../src/output/dashboard/closing.js'
import { lineWidth, plainLine } from '../../../src/output/dashboard/span.js'
import { fleetJournal, serverName, upTo } from './fleet-journal.js'
import { modelOf, recordedJournal } from './frame-at.js'

function words(
  end: DashboardEnd,
  part = 1,
  events = fleetJournal({ servers: 10, troubles: { [serverName(2)]: 'setting-stuck', [serverName(3)]: 'crl-check' } }),
) {
  const { run } = modelOf(upTo(events, part))
  return closingLines({ end, state: run, folder: '/runs/r', width: 100 }).map(plainLine).join('\n')
}

describe('the closing words', () => {
  it('name every server that needs somebody, with cause, proof, remedy, and the run folder', () => {
    const text = words('finished', 1, recordedJournal())
    for (const server of ['ex-edge-02', 'ex-cas-04', 'ex-hub-01', 'ex-hub-02', 'ex-um-01', 'ex-um-02', 'ex-mbx-03'])
      expect(text).toContain(`\n${server}  `)
    expect(text).toContain('952580.log:')
    expect(text).toContain('Run folder: /runs/r')
    expect(text).toMatch(/exit code 2/)
  })

  it('name no server that went well', () => {
    expect(words('finished', 1, recordedJournal())).not.toContain('ex-cas-01')
  })

  it('shout about what could not be put back', () => {
    expect(words('finished')).toContain(`${serverName(2)}  STUCK: execution-policy LocalMachine`)
  })

  it('do not fret about settings of servers at work while the run goes on', () => {
    expect(words('detached', 0.3, fleetJournal({ servers: 10 }))).not.toContain('still changed')
    expect(words('lost', 0.3, fleetJournal({ servers: 10 }))).toContain('still changed')
  })

  it.each([
    ['detached', 'exroll watch'],
    ['terminated', 'exroll watch'],
    ['left', 'exroll resume'],
    ['lost', 'exroll resume'],
  ] as const)('say how to go on when it was %s', (end, command) => {
    expect(words(end, 0.3)).toContain(`${command} 20261123-2100-4f1c`)
  })

  it('say how a run that failed goes on', () => {
    expect(words('finished')).toContain('exroll resume 20261123-2100-4f1c --retry-failed')
    expect(words('finished', 1, fleetJournal({ servers: 2 }))).not.toContain('exroll resume')
  })

  it('fit the width they were given', () => {
    const { run } = modelOf(recordedJournal())
    const lines = closingLines({ end: 'finished', state: run, folder: '/r', width: 60 })
    for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(60)
  })
})
