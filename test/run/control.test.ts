import { describe, expect, it } from 'vitest'
import { approvalBy, createRunControl } from '../../src/run/control.js'

function controlled() {
  const control = createRunControl()
  const granted: string[] = []
  control.onWish(({ action }, by) => granted.push(`${action} by ${by}`))
  return { control, granted }
}

const settled = async (promise: Promise<unknown>) => {
  let done = false
  void promise.then(() => {
    done = true
  })
  await new Promise(resolve => setImmediate(resolve))
  return done
}

describe('what an operator may ask of a run', () => {
  it('holds it while it is paused, and lets it go on', async () => {
    const { control, granted } = controlled()
    expect(await settled(control.untilFree())).toBe(true)
    expect(await control.ask({ action: 'pause' }, 'jane')).toEqual({ granted: true })
    const free = control.untilFree()
    expect(await settled(free)).toBe(false)
    expect(await control.ask({ action: 'resume' }, 'joe')).toEqual({ granted: true })
    expect(await settled(free)).toBe(true)
    expect(granted).toEqual(['pause by jane', 'resume by joe'])
  })

  it('waits for approval, which resume gives too', async () => {
    for (const action of ['approve', 'resume'] as const) {
      const { control, granted } = controlled()
      control.awaitApproval()
      expect(await settled(control.untilFree())).toBe(false)
      expect(await control.ask({ action: 'pause' }, 'jane')).toMatchObject({ granted: false })
      expect(await control.ask({ action }, 'jane')).toEqual({ granted: true })
      expect(await settled(control.untilFree())).toBe(true)
      expect(granted).toEqual([`pause by ${approvalBy}`, `${action} by jane`])
    }
  })

  it.each(['abort', 'leave'] as const)('%s frees a run that is held, once', async action => {
    const { control, granted } = controlled()
    control.awaitApproval()
    const free = control.untilFree()
    expect(await control.ask({ action }, 'jane')).toEqual({ granted: true })
    expect(await settled(free)).toBe(true)
    expect(control.stopping).toBe(true)
    expect(control.leaving.aborted).toBe(action === 'leave')
    control.stop('SIGINT')
    expect(granted).toEqual([`pause by ${approvalBy}`, `${action} by jane`])
    control.awaitApproval()
    expect(await settled(control.untilFree())).toBe(true)
  })

  it('refuses what makes no sense, in words, and makes no event of it', async () => {
    const { control, granted } = controlled()
    for (const action of ['resume', 'approve'] as const) {
      expect(await control.ask({ action }, 'jane')).toMatchObject({ granted: false, why: expect.stringMatching(/\w/) })
    }
    expect(await control.ask({ action: 'skip', server: 'a' }, 'jane')).toMatchObject({ granted: false })
    expect(granted).toEqual([])
    control.stop('SIGINT')
    expect(await control.ask({ action: 'pause' }, 'jane')).toMatchObject({ granted: false })
    expect(await control.ask({ action: 'abort' }, 'jane')).toMatchObject({ granted: false })
  })

  it('hands wishes about a server to whoever carries the run out', async () => {
    const { control } = controlled()
    control.serve(async (wish, by) => ({ granted: false, why: `${wish.action} ${wish.server} ${by}` }))
    expect(await control.ask({ action: 'retry', server: 'a' }, 'jane')).toMatchObject({ why: 'retry a jane' })
    control.serve(undefined)
    expect(await control.ask({ action: 'retry', server: 'a' }, 'jane')).toMatchObject({ granted: false })
  })
})
