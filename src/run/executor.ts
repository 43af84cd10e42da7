import type { ExitCode } from '../errors.js'
import { exitCodes } from '../errors.js'
import type { EventBus } from '../events/bus.js'
import type { RunEvent, StepName } from '../events/event.js'
import { followState } from '../events/follow-state.js'
import { countOutcomes } from '../events/reduce.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Plan } from '../plan/model.js'
import type { Playbook } from '../playbook/model.js'
import type { Transport } from '../transport/transport.js'
import type { RunPackage } from './context.js'
import type { RunControl } from './control.js'
import type { JobAccount } from './job-account.js'
import type { Prior } from './prior.js'
import { Rollout } from './rollout.js'
import { takeServerWish } from './server-wishes.js'
import { untilLeft } from './until-left.js'
import { verdict } from './verdict.js'

export interface RunInput {
  run: string
  plan: Plan
  servers: InventoryServer[]
  playbook: Playbook
  package: RunPackage
  /** Absent: installs run as SYSTEM. */
  jobAccount?: JobAccount
  transportFor: (server: InventoryServer) => Transport
  bus: EventBus
  control: RunControl
  /** The run folder; logs go to `servers/<name>/` in it. */
  folder: string
  tool: string
  /** What an earlier process of this run did; absent for a new run. */
  resume?: { prior: Prior; events: readonly RunEvent[]; fromStep?: StepName | undefined }
}

/**
 * Carries a plan out: batch after batch, `throttle` servers at once, one member of a cluster at a time. Returns the exit code; a failed
 * server is never an exception. After `control.leave` it returns at once with 130 and leaves the servers to their guards.
 */
export async function executeRun(input: RunInput): Promise<ExitCode> {
  const end = await untilLeft(input.control.leaving, carryThrough(input))
  return end === 'left' ? exitCodes.left : end
}

async function carryThrough(input: RunInput): Promise<ExitCode> {
  const { plan, bus, control, playbook, resume } = input
  const state = followState(bus, resume?.events)
  control.onWish(({ action }, by) => {
    void bus.emit({ type: 'control.taken', action, by })
  })
  if (resume !== undefined) await bus.emit({ type: 'control.taken', action: 'resume', by: 'operator' })
  if (state().startedAt === null)
    await bus.emit({
      type: 'run.started',
      action: plan.action,
      dryRun: false,
      servers: plan.servers.map(({ name, roles, batch }) => ({ name, roles, batch })),
      tool: input.tool,
      playbook: playbook.file,
      title: playbook.name,
    })
  const rollout = new Rollout(input)
  control.serve((wish, by) => takeServerWish({ rollout, state: state(), input }, wish, by))
  await rollout.go()
  control.serve(undefined)
  const stuck = Object.values(state().servers).filter(server => Object.keys(server.stuck).length > 0).length
  const end = verdict({ outcomes: rollout.outcomes, stuck, stopped: control.stopping })
  await bus.emit({ type: 'run.finished', ...end, counts: countOutcomes(state()) })
  return end.exitCode
}
