import { beforeAll, describe, expect, it } from 'vitest'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import { type Case, hostsTimeoutMs, runCases, type Step, type StepResult } from './memory-server/cases.js'
import { guardFinishes, installerEnded, never, powerGoesIn, range, server } from './memory-server/cut-runs.js'
import {
  accountLogsOff,
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
import { jobCrl, jobName, jobSid, places, type WorldOptions } from './memory-server/world.js'

const password = 'right'
const profile = `HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\${jobSid}|ProfileImagePath|64`
const world: WorldOptions = {
  ...server,
  accounts: { [jobName]: { sid: jobSid, password } },
  registry: { ...server.registry, [jobCrl]: 0x10, [profile]: 'C:\\Users\\exjob' },
}
const start = startJob({ Account: jobName, AccountPassword: password })
/** What the account finds when it logs on the next time. */
const profileIsRead: Step = { ps: `[void]$global:World.deeds.Add('profile ' + $global:World.profiles['${jobCrl}'])` }

/** The power goes at some call of the account's job; the account is logged on until then. */
function cutJob(calls: number): Case {
  const after = [accountLogsOff, reboot(), ...guardFinishes, profileIsRead]
  return { world, files: stagedPackage, steps: [snapshot(), registerGuard(), powerGoesIn(calls), start, ...after] }
}

/** A look of the guard is cut at some call: before the registry is mounted, while it is, or after. */
function cutGuard(calls: number): Case {
  const cut = [start, installerEnded, accountLogsOff, minutesPass(11), powerGoesIn(calls), guardLooks]
  return {
    world: { ...world, installer: `${stopAndDisable}; break power` },
    files: stagedPackage,
    steps: [snapshot(), registerGuard(), ...cut, ...guardFinishes, profileIsRead],
  }
}

describe.skipIf(powershellHost() === undefined)(
  `a run as an account, cut at any Windows call it makes ${missingHostReason()}`,
  () => {
    const found: Record<'job' | 'guard', StepResult[][]> = { job: [], guard: [] }

    beforeAll(async () => {
      const [job, guard] = await runCases([cutJob(never), cutGuard(never)])
      const calls = (steps: StepResult[] | undefined, index: number) =>
        (steps?.[index]?.world.calls ?? 0) - (steps?.[index - 1]?.world.calls ?? 0)
      const ofJob = range(calls(job, 3))
      const all = await runCases([...ofJob.map(cutJob), ...range(calls(guard, 7)).map(cutGuard)])
      found.job = all.slice(0, ofJob.length)
      found.guard = all.slice(ofJob.length)
    }, hostsTimeoutMs)

    it.each(['job', 'guard'] as const)(
      "%s: ends with the account's own setting back in its profile, nothing mounted, and no guard",
      kind => {
        expect(found[kind].length).toBeGreaterThan(15)
        for (const [index, steps] of found[kind].entries()) {
          const end = steps.at(-1)?.world
          const where = `power gone at call ${index + 1}, ${end?.killed}`
          expect(end?.killed, where).not.toBe('')
          expect(end?.deeds.at(-1), where).toBe(`profile ${0x10}`)
          expect(end?.registry, where).toEqual({
            ...{ [places.crl]: 0x23c00, [places.policy]: 'Restricted', [profile]: 'C:\\Users\\exjob' },
          })
          expect(end?.tasks, where).not.toContain(guardTask)
          expect(end?.installs, where).toBeLessThanOrEqual(1)
        }
      },
    )
  },
)
