import { beforeAll, describe, expect, it } from 'vitest'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import { type Case, hostsTimeoutMs, runCases, type StepResult } from './memory-server/cases.js'
import { cutJob, guardFinishes, installerEnded, never, range, server } from './memory-server/cut-runs.js'
import { onFullDisk } from './memory-server/full-disk.js'
import { guardTask, registerGuard, snapshot, stagedPackage, startJob } from './memory-server/steps.js'
import { places } from './memory-server/world.js'

/** The disk is full from some call of the job on, and has room again when the guard has looked twice. */
function fillDisk(calls: number): Case {
  return {
    world: server,
    files: stagedPackage,
    mutate: onFullDisk,
    steps: [
      snapshot(),
      registerGuard(),
      { ps: `$global:World.fullAt = $global:World.calls + ${calls}` },
      startJob(),
      installerEnded,
      ...guardFinishes,
      { ps: '$global:World.fullAt = 1000000' },
      ...guardFinishes,
    ],
  }
}

const wasSet = { [places.crl]: 0x23c00, [places.policy]: 'Restricted' }

describe.skipIf(powershellHost() === undefined)(
  `a run whose disk is full from any Windows call of its job on ${missingHostReason()}`,
  () => {
    let found: StepResult[][] = []
    /** Steps after which the disk is still full, and after which it has had room for a while. */
    const full = 8
    const room = -1

    beforeAll(async () => {
      const [whole] = await runCases([cutJob(never)])
      const calls = (whole?.[3]?.world.calls ?? 0) - (whole?.[2]?.world.calls ?? 0)
      found = await runCases(range(calls).map(fillDisk))
    }, hostsTimeoutMs)

    it('has every setting and start type as before while it is full, without room for a word', () => {
      expect(found.length).toBeGreaterThan(15)
      for (const [index, steps] of found.entries()) {
        const where = `full from call ${index + 1} on`
        const { registry, services = {} } = steps[full]?.world ?? {}
        expect(registry, where).toEqual(wasSet)
        const startTypes = Object.values(services).map(service => service.split(' ')[0])
        expect(startTypes, where).toEqual(['Automatic', 'Automatic', 'Manual'])
      }
    })

    it('has its services running while it is full: the exit code of the installer had its room', () => {
      const installed = found.filter(steps => (steps[full]?.world.installs ?? 0) > 0)
      expect(installed.length).toBeGreaterThan(5)
      for (const steps of installed) {
        const { services = {} } = steps[full]?.world ?? {}
        expect(Object.values(services)).toEqual(['Automatic Running', 'Automatic Running', 'Manual Stopped'])
      }
    })

    it('is disarmed once there is room, and never installs twice', () => {
      for (const [index, steps] of found.entries()) {
        const where = `full from call ${index + 1} on`
        expect(steps.at(room)?.world.registry, where).toEqual(wasSet)
        expect(steps.at(room)?.world.tasks, where).not.toContain(guardTask)
        expect(steps.at(room)?.world.installs, where).toBeLessThanOrEqual(1)
        expect(
          steps.at(room)?.world.files.filter(file => file.endsWith('.tmp')),
          where,
        ).toEqual([])
      }
    })
  },
)
