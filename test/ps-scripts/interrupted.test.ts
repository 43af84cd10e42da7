import { beforeAll, describe, expect, it } from 'vitest'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import { type Case, hostsTimeoutMs, runCases, type StepResult } from './memory-server/cases.js'
import { cutJob, guardFinishes, installerEnded, never, powerGoesIn, range, server } from './memory-server/cut-runs.js'
import {
  guardLooks,
  guardTask,
  minutesPass,
  reboot,
  registerGuard,
  snapshot,
  stagedPackage,
  startJob,
  stopAndDisable,
} from './memory-server/steps.js'
import { places } from './memory-server/world.js'

function cutGuard(calls: number): Case {
  const world = { ...server, installer: `${stopAndDisable}; break power` }
  const cut = [startJob(), installerEnded, minutesPass(11), powerGoesIn(calls), guardLooks]
  return { world, files: stagedPackage, steps: [snapshot(), registerGuard(), ...cut, ...guardFinishes] }
}

describe.skipIf(powershellHost() === undefined)(`a run cut at any Windows call it makes ${missingHostReason()}`, () => {
  const found: Record<'restarted' | 'retried' | 'guard', StepResult[][]> = { restarted: [], retried: [], guard: [] }

  beforeAll(async () => {
    const [job, guard] = await runCases([cutJob(never), cutGuard(never)])
    const calls = (steps: StepResult[] | undefined, index: number) =>
      (steps?.[index]?.world.calls ?? 0) - (steps?.[index - 1]?.world.calls ?? 0)
    const ofJob = range(calls(job, 3))
    const ofGuard = range(calls(guard, 6))
    const all = await runCases([
      ...ofJob.map(count => cutJob(count, reboot())),
      ...ofJob.map(count => cutJob(count, installerEnded, startJob())),
      ...ofGuard.map(cutGuard),
    ])
    found.restarted = all.slice(0, ofJob.length)
    found.retried = all.slice(ofJob.length, 2 * ofJob.length)
    found.guard = all.slice(2 * ofJob.length)
  }, hostsTimeoutMs)

  it.each(['restarted', 'retried', 'guard'] as const)('%s: ends with every setting and start type as before', kind => {
    expect(found[kind].length).toBeGreaterThan(15)
    for (const [index, steps] of found[kind].entries()) {
      const { registry, services, killed } = steps.at(-1)?.world ?? { registry: {}, services: {}, killed: '' }
      const where = `power gone at call ${index + 1}, ${killed}`
      expect(killed, where).not.toBe('')
      expect(registry, where).toEqual({ [places.crl]: 0x23c00, [places.policy]: 'Restricted' })
      expect(
        Object.values(services).map(service => service.split(' ')[0]),
        where,
      ).toEqual(['Automatic', 'Automatic', 'Manual'])
    }
  })

  it.each(['restarted', 'retried', 'guard'] as const)('%s: leaves no guard behind and never installs twice', kind => {
    for (const [index, steps] of found[kind].entries()) {
      const where = `power gone at call ${index + 1}`
      expect(steps.at(-1)?.world.tasks, where).not.toContain(guardTask)
      expect(steps.at(-1)?.world.installs, where).toBeLessThanOrEqual(1)
    }
  })

  it('starts nothing after a restart in the middle of an install', () => {
    for (const steps of found.restarted) {
      const journal = steps.at(-1)?.world.journal ?? []
      const begun = journal.some(entry => entry.type === 'step' && entry.step === 'install')
      const ended = journal.some(entry => entry.type === 'exit') || /^-?\d+$/.test(steps.at(-1)?.world.exit ?? '')
      const before = steps[4]?.world.deeds.length ?? 0
      const started =
        steps
          .at(-1)
          ?.world.deeds.slice(before)
          .filter(deed => deed.startsWith('start ')) ?? []
      if (begun && !ended) expect(started).toEqual([])
    }
  })
})
