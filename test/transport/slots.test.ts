import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSlots, type Slot } from '../../src/transport/slots.js'

const settled = () => new Promise(resolve => setImmediate(resolve))

describe('createSlots', () => {
  it('never opens more than the limit, and serves in the order of asking', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat({ max: 5 }), { maxLength: 30 }),
        async (limit, moves) => {
          const slots = createSlots(limit)
          const open: { slot: Slot; turn: number }[] = []
          const served: number[] = []
          let asked = 0
          for (const move of moves) {
            if (move < 3) {
              const turn = asked++
              void slots.acquire().then(slot => {
                open.push({ slot, turn })
                served.push(turn)
              })
            } else {
              open.shift()?.slot.release()
            }
            await settled()
            expect(open.length).toBeLessThanOrEqual(limit)
          }
          expect(served).toEqual([...served].sort((a, b) => a - b))
          while (open.length > 0) {
            open.shift()?.slot.release()
            await settled()
          }
          expect(served).toHaveLength(asked)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('takes one who gave up out of the queue', async () => {
    const slots = createSlots(1)
    const first = await slots.acquire()
    const stop = new AbortController()
    const reason = new Error('enough')
    const second = slots.acquire(stop.signal)
    const third = slots.acquire()
    stop.abort(reason)
    await expect(second).rejects.toBe(reason)
    first.release()
    await expect(third).resolves.toBeDefined()
    await expect(slots.acquire(AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it('learns a lower limit from a refusal, and knows when waiting would not help', async () => {
    const slots = createSlots(8)
    const first = await slots.acquire()
    const second = await slots.acquire()
    expect(slots.refused(second)).toBe(true)
    second.release()
    let started = false
    void slots.acquire().then(slot => {
      started = true
      expect(slots.refused(slot)).toBe(false)
    })
    await settled()
    expect(started).toBe(false)
    first.release()
    await settled()
    expect(started).toBe(true)
  })

  it('counts a slot once, however often it is released', async () => {
    const slots = createSlots(1)
    const first = await slots.acquire()
    first.release()
    await slots.acquire()
    first.release()
    let started = false
    void slots.acquire().then(() => {
      started = true
    })
    await settled()
    expect(started).toBe(false)
  })
})
