import { loadGuardScript } from '../../scripts/load.js'
import type { Step } from '../context.js'

/** Server uptime after which the guard restores by itself when nobody follows (faults.md, the guard). */
export const leaseMinutes = 10

/** Arms the scheduled task that restores the server when nobody else does. */
export const guard: Step = async ({ link, run }) => {
  const script = loadGuardScript()
  const { tasks } = await link.call('Register-Guard', {
    Run: run,
    LeaseMinutes: leaseMinutes,
    GuardScript: script.text,
    GuardSha256: script.sha256,
  })
  return { outcome: 'changed', note: tasks.join(', ') }
}
