import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunEventBody } from '../../../src/events/event.js'
import { copyProgress } from '../../../src/run/steps/copy-progress.js'
import { server } from '../../plan/fleet.js'

const toldOf = async (total: number, taken: readonly number[]) => {
  const events: RunEventBody[] = []
  const progress = copyProgress({ server: server('ex-cas-01'), emit: async event => void events.push(event) }, total)
  for (const bytes of taken) progress.take(bytes)
  await progress.told()
  return events.flatMap(event => (event.type === 'step.progress' ? [event] : []))
}

describe('how far a copy is', () => {
  it('is told of as progress of the step stage, in percent and words', async () => {
    expect(await toldOf(104_857_600, [52_428_800])).toEqual([
      { type: 'step.progress', server: 'ex-cas-01', step: 'stage', percent: 50, note: '50.0 of 100.0 MB sent' },
    ])
  })

  it('begins with what an earlier copy left', async () => {
    const percents = (await toldOf(1000, [700, 710, 760, 1000])).map(({ percent }) => percent)
    expect(percents).toEqual([70, 76, 100])
  })

  it('is told at most twenty times, goes up, and ends with the whole', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 300 }), async (total, pieces) => {
        const taken = Array.from({ length: pieces }, (_, at) => Math.ceil((total * (at + 1)) / pieces))
        const percents = (await toldOf(total, taken)).map(({ percent }) => percent ?? 0)
        expect(percents).toEqual([...new Set(percents)].sort((a, b) => a - b))
        expect(percents.length).toBeLessThanOrEqual(20)
        expect(percents.at(-1)).toBe(100)
      }),
    ))

  it('that cannot be told is an error of whoever waits for it', async () => {
    const emit = async () => {
      throw new Error('disk full')
    }
    const progress = copyProgress({ server: server('ex-cas-01'), emit }, 10)
    progress.take(10)
    await expect(progress.told()).rejects.toThrow('disk full')
  })
})
