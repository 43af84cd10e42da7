import type { Step } from '../context.js'
import { needed } from '../needed.js'
import { pause } from '../pause.js'
import { collect } from './collect.js'

/** Real time between two looks at a server that restarts. */
const lookEveryMs = 1000
/** Real time after which a server that did not come back is given up. */
const patienceMs = 30 * 60_000

/** Restarts where it is owed and allowed; done when the boot id has changed, not when some port answers. */
export const reboot: Step = async context => {
  const { link, run, playbook, found, emit, server, control } = context
  const owed = needed(found.job, 'the job').rebootOwed
  const policy = playbook.install.reboot
  if (!owed && policy !== 'always') return { outcome: 'skipped', note: 'not needed' }
  if (policy === 'never') {
    found.note = 'a reboot is owed'
    return { outcome: 'skipped', note: 'owed, but the playbook says never' }
  }
  // A restart may take what the logs say with it.
  await collect(context)
  const { bootId } = await link.call('Restart-Server', { Run: run, DelaySeconds: 5 })
  await emit({ type: 'step.progress', server: server.name, step: 'reboot', note: 'restarting' })
  const giveUpAt = performance.now() + patienceMs
  while (performance.now() < giveUpAt) {
    await pause(lookEveryMs, control.leaving)
    const boot = await link.call('Get-BootState', {})
    if (boot.bootId === bootId || !boot.ready) continue
    found.restarted = true
    return { outcome: 'changed', note: 'restarted' }
  }
  return {
    outcome: 'failed',
    error: {
      code: 'REBOOT_NOT_BACK',
      message: `${server.name} did not come back within ${patienceMs / 60_000} minutes`,
      hint: 'Look at its console. The guard restores settings and services at its next start.',
    },
  }
}
