import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { readInventory, readPlaybook } from '../../src/commands/read-input.js'
import { newRunId } from '../../src/commands/run-folder.js'
import { readUpdate } from '../../src/commands/update-file.js'
import { createEventBus } from '../../src/events/bus.js'
import type { RunEvent } from '../../src/events/event.js'
import { makePlan } from '../../src/plan/make-plan.js'
import { createRunControl, type RunControl } from '../../src/run/control.js'
import { executeRun } from '../../src/run/executor.js'
import { priorOf } from '../../src/run/prior.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { transports } from '../../src/transport/transport-for.js'
import { applyRollup } from './exroll.js'

/** A run that this process carries out itself, so that a test can act between an event and what it announces. */
export interface HereRun {
  run: string
  exitCode: number
  events: RunEvent[]
}

export interface HereOptions {
  /** Path of the inventory; run folders go beside it. */
  inventory: string
  /** Called when an event is about to be written; the run waits for it. */
  before?(event: RunEvent, control: RunControl): Promise<void> | void
  /** Goes on with an earlier run, failed servers included. */
  resume?: HereRun
}

export async function runHere({ inventory, before = () => undefined, resume }: HereOptions): Promise<HereRun> {
  const servers = readInventory(inventory).servers
  const playbook = readPlaybook(applyRollup, { set: ['rollout.between.soak=0s'], allow: [] })
  const secrets = openSecrets({ env: {} })
  const run = resume?.run ?? newRunId(new Date())
  const folder = join(mkdtempSync(`${inventory}-`), run)
  mkdirSync(folder)
  const earlier = resume?.events ?? []
  const events = [...earlier]
  const control = createRunControl()
  const bus = createEventBus({
    run,
    now: () => new Date().toISOString(),
    firstSeq: earlier.length + 1,
    async durable(event) {
      // What was left behind acts no further, as in a process that is gone.
      if (control.leaving.aborted) return new Promise(() => undefined)
      events.push(event)
      await before(event, control)
      if (control.leaving.aborted) return new Promise(() => undefined)
    },
  })
  const exitCode = await executeRun({
    run,
    plan: makePlan({ servers, playbook }),
    servers,
    playbook,
    package: readUpdate(playbook),
    transportFor: transports({ secrets }),
    bus,
    control,
    folder,
    tool: 'exroll test',
    ...(resume === undefined ? {} : { resume: { events: earlier, prior: priorOf(earlier, { retryFailed: true }) } }),
  })
  return { run, exitCode, events }
}
