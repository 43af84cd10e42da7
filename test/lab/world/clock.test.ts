import { describe, expect, it } from 'vitest'
import { LabClock } from '../../../src/lab/world/clock.js'

/** Keeps the processor from everything else in this process. */
function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

describe('LabClock', () => {
  it('lets server time pass in a multiple of real time', async () => {
    const clock = new LabClock(1000)
    const before = clock.elapsedMs
    await clock.sleep(100_000)
    expect(clock.elapsedMs - before).toBeGreaterThanOrEqual(100_000)
  })

  it('stands still while nothing in its process could run', async () => {
    const clock = new LabClock(1000)
    await clock.sleep(1000)
    const before = clock.elapsedMs
    block(1500)
    // Not the 1,500,000 server milliseconds that went by outside.
    expect(clock.elapsedMs - before).toBeLessThan(500_000)
  })

  it('stands still while somebody holds it, until the last lets go, and knows what it showed before', async () => {
    const clock = new LabClock(1000)
    const real = Date.now()
    const shown = clock.at(real).getTime()
    const letGo = [clock.hold(), clock.hold()]
    const held = clock.elapsedMs
    const sleeping = clock.sleep(10_000)
    await new Promise(resolve => setTimeout(resolve, 100))
    letGo[0]?.()
    letGo[0]?.()
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(clock.elapsedMs).toBe(held)
    letGo[1]?.()
    await sleeping
    expect(clock.elapsedMs).toBeGreaterThanOrEqual(held + 10_000)
    expect(Math.abs(clock.at(real).getTime() - shown)).toBeLessThan(60_000)
  })

  it('ends no sleep early', async () => {
    const clock = new LabClock(500)
    const until = clock.elapsedMs + 50_000
    const sleeping = clock.sleep(50_000)
    block(300)
    await sleeping
    expect(clock.elapsedMs).toBeGreaterThanOrEqual(until)
  })

  it('ends a sleep with the reason of the abort', async () => {
    const stop = new AbortController()
    const sleeping = new LabClock(1).sleep(1_000_000, stop.signal)
    stop.abort(new Error('enough'))
    await expect(sleeping).rejects.toThrow('enough')
  })

  it('goes on counting durations when somebody sets the wall clock back', () => {
    const clock = new LabClock(10)
    const [elapsed, shown] = [clock.elapsedMs, clock.now().getTime()]
    clock.set(-86_400_000)
    expect(clock.now().getTime()).toBeLessThan(shown)
    expect(clock.elapsedMs).toBeGreaterThanOrEqual(elapsed)
  })
})
