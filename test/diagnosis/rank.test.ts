import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attempt, Cause, Confidence, Diagnosis, LogKind } from '../../src/diagnosis/finding.js'
import { orderCauses, rankCauses } from '../../src/diagnosis/rank.js'

const cause = (id: string, confidence: Confidence, ...lines: number[]): Cause => ({
  id,
  confidence,
  title: id,
  evidence: lines.map(line => ({ line, text: 'x' })),
  remedy: [],
})
const ids = (causes: readonly Cause[]): string[] => causes.map(({ id }) => id)

describe('the causes of an attempt', () => {
  it('go by certainty first, then by whether they lead to the first failure, then by the order of the rules', () => {
    const causes = [
      cause('unknown', 'certain'),
      cause('possible', 'possible', 99),
      cause('elsewhere', 'likely', 5000),
      cause('above', 'likely', 95),
      cause('certain', 'certain', 9000),
      cause('elsewhere-too', 'likely', 6000),
    ]
    expect(ids(orderCauses(causes, { line: 100 }))).toEqual([
      'certain',
      'above',
      'elsewhere',
      'elsewhere-too',
      'possible',
      'unknown',
    ])
  })

  it('are neither lost nor made by ordering them', () => {
    const some = fc.array(
      fc.record({
        id: fc.constantFrom('a', 'b', 'unknown'),
        confidence: fc.constantFrom<Confidence>('certain', 'likely', 'possible'),
        line: fc.nat(500),
      }),
    )
    fc.assert(
      fc.property(some, list => {
        const causes = list.map(({ id, confidence, line }) => cause(id, confidence, line))
        const ordered = orderCauses(causes, { line: 250 })
        expect([...ordered].sort((a, b) => causes.indexOf(a) - causes.indexOf(b))).toEqual(causes)
        expect(orderCauses(ordered, { line: 250 })).toEqual(ordered)
      }),
    )
  })
})

describe('rankCauses', () => {
  const attempt = (outcome: Attempt['outcome'], ...causes: Cause[]): Attempt => ({
    outcome,
    exitCode: null,
    causes,
    redHerrings: [],
  })
  const file = (path: string, kind: LogKind, ...attempts: Attempt[]) => ({
    path,
    kind,
    encoding: 'utf-8',
    bytes: 1,
    lines: 1,
    attempts,
  })
  const ranked = (...files: Diagnosis['files']) =>
    rankCauses({ schema: 'exroll.diagnosis/1', files }).map(({ log, cause: { id } }) => `${log} ${id}`)

  it('names each cause once, with the log that is surest of it', () => {
    expect(
      ranked(
        file('events.xml', 'events', attempt('failed', cause('unknown', 'possible'))),
        file(
          'a.log',
          'msi',
          attempt('failed', cause('service-stop-failed', 'likely'), cause('custom-action', 'possible')),
        ),
        file('ServiceControl.log', 'service-control', attempt('failed', cause('service-stop-failed', 'certain'))),
      ),
    ).toEqual(['ServiceControl.log service-stop-failed', 'a.log custom-action'])
  })

  it('leaves out the attempts before the last of each log', () => {
    expect(
      ranked(file('a.log', 'msi', attempt('failed', cause('disk-full', 'certain')), attempt('succeeded'))),
    ).toEqual([])
  })

  it('puts what explains a failure before what is worth knowing of a success, and keeps unknown until a failure is explained', () => {
    const note = file('events.xml', 'events', attempt('succeeded', cause('services-not-started', 'certain')))
    expect(ranked(note, file('a.log', 'msi', attempt('failed', cause('unknown', 'possible'))))).toEqual([
      'a.log unknown',
      'events.xml services-not-started',
    ])
    expect(ranked(note, file('a.log', 'msi', attempt('failed', cause('custom-action', 'possible'))))).toEqual([
      'a.log custom-action',
      'events.xml services-not-started',
    ])
  })

  it("prefers the installer's own log where two are equally sure", () => {
    const events = file('events.xml', 'events', attempt('failed', cause('interrupted', 'likely')))
    const msi = file('a.log', 'msi', attempt('failed', cause('disk-full', 'likely')))
    expect(ranked(events, msi)).toEqual(['a.log disk-full', 'events.xml interrupted'])
  })
})
