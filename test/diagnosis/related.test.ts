import { describe, expect, it } from 'vitest'
import { type AttemptFacts, newAttempt } from '../../src/diagnosis/attempt.js'
import type { LogKind } from '../../src/diagnosis/finding.js'
import { folderOf, type Judged, relatedTo } from '../../src/diagnosis/related.js'

const hour = 3600
const at = (path: string, kind: LogKind, facts: Partial<AttemptFacts> = {}): Judged => ({
  path,
  attempt: { ...newAttempt(kind, 1), ...facts },
  causes: [],
})

describe('the logs that belong together', () => {
  it('are of one folder: one server', () => {
    const own = at('runs/ex-mbx-01/a.log', 'msi')
    const near = at('runs/ex-mbx-01/ServiceControl.log', 'service-control')
    const far = at('runs/ex-mbx-02/ServiceControl.log', 'service-control')
    expect(relatedTo(own, [own, near, far], 'service-control')).toEqual([near])
    expect(relatedTo(own, [own, near, far], 'events')).toEqual([])
  })

  it('are of one time: of a log that only grows, the nearest attempt', () => {
    const own = at('a.log', 'msi', { failedAt: 7 * hour })
    const morning = at('ServiceControl.log', 'service-control', { failedAt: 7 * hour + 60, followed: true })
    const evening = at('ServiceControl.log', 'service-control', { failedAt: 19 * hour })
    expect(relatedTo(own, [own, morning, evening], 'service-control')).toEqual([morning])
    expect(relatedTo(own, [own, evening], 'service-control')).toEqual([])
  })

  it('are of one time across midnight', () => {
    const own = at('a.log', 'msi', { failedAt: 30 })
    const before = at('ServiceControl.log', 'service-control', { failedAt: 24 * hour - 30 })
    expect(relatedTo(own, [own, before], 'service-control')).toEqual([before])
  })

  it('are, without times, the last attempt of each', () => {
    const own = at('a.log', 'msi')
    const first = at('UpdateCas.log', 'update-cas', { followed: true })
    const last = at('UpdateCas.log', 'update-cas')
    expect(relatedTo(own, [own, first, last], 'update-cas')).toEqual([last])
    expect(relatedTo(at('b.log', 'msi', { followed: true }), [first, last], 'update-cas')).toEqual([])
  })

  it.each([
    ['a.log', ''],
    ['x/y/a.log', 'x/y'],
    ['C:\\logs\\a.log', 'C:\\logs'],
  ])('%s lies in "%s"', (path, folder) => {
    expect(folderOf(path)).toBe(folder)
  })
})
