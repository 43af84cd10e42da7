import { describe, expect, it } from 'vitest'
import { inArrivalOrder } from '../../src/commands/arrival-order.js'
import type { RunEvent } from '../../src/events/event.js'

const event = (seq: number): RunEvent => ({
  v: 1,
  run: 'r',
  seq,
  at: '',
  type: 'step.progress',
  server: 'a',
  step: 'install',
  note: '',
})

describe('two sources of events as one', () => {
  it('gives what comes when it comes, and ends with the first source', async () => {
    let tell: (event: RunEvent) => void = () => undefined
    let go: () => void = () => undefined
    const gate = new Promise<void>(resolve => {
      go = resolve
    })
    async function* tail() {
      yield [event(1), event(2)]
      await gate
      yield [event(4)]
    }
    const seen: number[] = []
    for await (const group of inArrivalOrder(tail(), listener => {
      tell = listener
    })) {
      seen.push(...group.map(({ seq }) => seq))
      if (seen.length === 2) tell(event(3))
      if (seen.length === 3) go()
    }
    expect(seen).toEqual([1, 2, 3, 4])
  })

  it('throws what the first source throws, after what came before it', async () => {
    async function* damaged() {
      yield [event(1)]
      throw new SyntaxError('damaged')
    }
    const seen: number[] = []
    const all = (async () => {
      for await (const group of inArrivalOrder(damaged(), () => undefined)) seen.push(...group.map(({ seq }) => seq))
    })()
    await expect(all).rejects.toThrow('damaged')
    expect(seen).toEqual([1])
  })
})
