import type { EventBus } from '../events/bus.js'
import type { Playbook } from '../playbook/model.js'
import type { Contacts } from './contacts.js'
import type { RunPackage } from './context.js'
import type { RunControl } from './control.js'
import { unhealthy } from './health-gate.js'
import { pause } from './pause.js'

export interface BetweenInput {
  between: Playbook['rollout']['between']
  /** Servers of the batch that are patched by now, and the name by which each knows its attempt. */
  patched: () => readonly { name: string; run: string }[]
  package: RunPackage
  contacts: Pick<Contacts, 'askOr'>
  bus: EventBus
  control: RunControl
  /** Whether another batch may come at all. */
  goesOn: () => boolean
}

/**
 * What has to be waited for after a batch: time, a look at what was patched, somebody's yes. Resolves when the wait is over, with `unhealthy`
 * when a patched server is not well, and nothing more should start.
 */
export async function betweenBatches(input: BetweenInput): Promise<'well' | 'unhealthy'> {
  const { between, control } = input
  if (between.soakMs > 0) await soak(between.soakMs, control)
  const health = between.health.length > 0 ? await lookAtPatched(input) : 'well'
  if (between.confirm && health === 'well' && input.goesOn()) control.awaitApproval()
  await control.untilFree()
  return health
}

async function lookAtPatched({
  between,
  patched,
  package: update,
  contacts,
  bus,
}: BetweenInput): Promise<'well' | 'unhealthy'> {
  for (const { name, run } of patched()) {
    const problem = await contacts.askOr(
      name,
      link => unhealthy(link, { run, package: update }, between.health),
      'it cannot be reached',
    )
    if (problem === undefined) continue
    const note = `not healthy before the next batch: ${problem}`
    await bus.emit({ type: 'step.progress', server: name, step: 'verify', note })
    return 'unhealthy'
  }
  return 'well'
}

/** Real time; ends early when the operator stops the run. */
async function soak(ms: number, control: RunControl): Promise<void> {
  const until = performance.now() + ms
  while (!control.stopping && performance.now() < until) {
    await pause(Math.min(250, Math.max(1, until - performance.now())), control.leaving)
  }
}
