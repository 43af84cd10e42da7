import { systemSid } from '../../scripts/catalog.js'
import type { Step } from '../context.js'
import { needed } from '../needed.js'
import { earlierAttempt } from '../prior.js'
import { disabledByAccident } from './precheck.js'

/** Has the server record what it will be put back to, once per run, before the first change. */
export const snapshot: Step = async ({ link, run, attempt, found, emit, server }) => {
  const fact = needed(found.fact, 'facts')
  const poisoned = found.letThrough?.includes('poisoned-service-state') === true
  const defaults = poisoned ? Object.entries(disabledByAccident(fact)).map(([name, type]) => `${name}=${type}`) : []
  const { created, services, settings } = await link.call('New-Snapshot', {
    Run: run,
    // Of an account that is not logged on its own job takes the rest.
    Accounts: [fact.jobAccount?.sid ?? systemSid],
    Defaults: defaults,
    Before: attempt === 1 ? '' : earlierAttempt(run, attempt),
  })
  found.settingsBefore = settings
  const ran = services.filter(service => service.state === 'Running')
  await emit({ type: 'service.state', server: server.name, running: ran.length, expected: ran.length, down: [] })
  return {
    outcome: created ? 'changed' : 'ok',
    note: `${services.length} services, ${ran.length} running${
      defaults.length === 0 ? '' : `; not taken for the truth: ${defaults.join(', ')}`
    }`,
  }
}
