import { join } from 'node:path'
import PQueue from 'p-queue'
import { type ExitCode, exitCodes, ToolError } from '../errors.js'
import type { EventBus } from '../events/bus.js'
import type { RunEvent, ServerOutcome } from '../events/event.js'
import { countOutcomes, emptyState, reduce } from '../events/reduce.js'
import type { InventoryServer } from '../inventory/model.js'
import { budgetLeft } from '../plan/budget.js'
import type { Batch, Plan } from '../plan/model.js'
import type { Playbook } from '../playbook/model.js'
import { systemSid } from '../scripts/catalog.js'
import type { Transport } from '../transport/transport.js'
import { clusterTurn } from './cluster-turn.js'
import type { RunPackage } from './context.js'
import type { RunControl } from './control.js'
import { unhealthy } from './health-gate.js'
import { createLink, type Link } from './link.js'
import { needed } from './needed.js'
import { pause } from './pause.js'
import { attemptId, type Prior } from './prior.js'
import { runServer } from './server-run.js'
import { verdict } from './verdict.js'

export interface RunInput {
  run: string
  plan: Plan
  servers: InventoryServer[]
  playbook: Playbook
  package: RunPackage
  transportFor: (server: InventoryServer) => Transport
  bus: EventBus
  control: RunControl
  /** The run folder; logs go to `servers/<name>/` in it. */
  folder: string
  tool: string
  /** What an earlier process of this run did; absent for a new run. */
  resume?: { prior: Prior; events: readonly RunEvent[] }
}

/**
 * Carries a plan out: batch after batch, `throttle` servers at once, one member of a cluster at a time. Returns the exit code; a failed
 * server is never an exception. After `control.leave` it returns at once with 130 and leaves the servers to their guards.
 */
export async function executeRun(input: RunInput): Promise<ExitCode> {
  const { plan, bus, control, playbook, resume } = input
  let state = (resume?.events ?? []).reduce(reduce, emptyState())
  bus.listen(event => {
    state = reduce(state, event)
  })
  control.onWish(({ action, by }) => {
    void bus.emit({ type: 'control.taken', action, by })
  })
  if (resume !== undefined) await bus.emit({ type: 'control.taken', action: 'resume', by: 'operator' })
  if (state.startedAt === null)
    await bus.emit({
      type: 'run.started',
      action: plan.action,
      dryRun: false,
      servers: plan.servers.map(({ name, roles, batch }) => ({ name, roles, batch })),
      tool: input.tool,
      playbook: playbook.file,
      title: playbook.name,
    })
  const work = new Rollout(input)
  const left = new Promise<'left'>(resolve => control.leaving.addEventListener('abort', () => resolve('left')))
  const done = work.go()
  // Nobody waits for it after `leave`; what it throws then is the cut connections.
  done.catch(() => undefined)
  if ((await Promise.race([done, left])) === 'left') return exitCodes.left

  const stuck = Object.values(state.servers).filter(server => Object.keys(server.stuck).length > 0).length
  const end = verdict({ outcomes: work.outcomes, stuck, stopped: control.stopping })
  await bus.emit({ type: 'run.finished', ...end, counts: countOutcomes(state) })
  return end.exitCode
}

/** Why servers that were not started stay so. */
type Halt = 'budget' | 'stopped' | 'health'

class Rollout {
  readonly outcomes: Record<string, ServerOutcome> = {}
  private readonly input: RunInput
  private readonly queue: PQueue
  private readonly byName: Map<string, InventoryServer>
  private readonly taken = new Set<string>()
  private halt: Halt | undefined
  private bug: unknown

  constructor(input: RunInput) {
    this.input = input
    this.queue = new PQueue({ concurrency: input.plan.throttle })
    this.byName = new Map(input.servers.map(server => [server.name, server]))
    for (const [name, outcome] of Object.entries(input.resume?.prior.outcomes ?? {})) {
      this.outcomes[name] = outcome
      this.taken.add(name)
    }
  }

  async go(): Promise<'done'> {
    const { plan, bus, control } = this.input
    for (const [index, batch] of plan.batches.entries()) {
      if (control.stopping) this.halt = 'stopped'
      if (this.halt !== undefined) break
      if (batch.servers.every(server => this.taken.has(server))) continue
      await this.runBatch(batch)
      if (this.bug !== undefined) throw this.bug
      if (index < plan.batches.length - 1 && this.halt === undefined && !control.stopping) await this.between(batch)
    }
    for (const { name } of plan.servers) {
      if (this.outcomes[name] !== undefined) continue
      this.outcomes[name] = 'skipped'
      const cause = control.stopping ? 'stopped' : (this.halt ?? 'stopped')
      await bus.emit({ type: 'server.finished', server: name, outcome: 'skipped', cause })
    }
    return 'done'
  }

  private async runBatch(batch: Batch): Promise<void> {
    const { bus } = this.input
    await bus.emit({ type: 'batch.started', batch: batch.index, servers: batch.servers })
    const ran: string[] = []
    await this.queue.addAll(
      this.lanes(batch).map(lane => async () => {
        for (const slot of lane) {
          const name = await this.runSlot(slot, batch)
          if (name !== undefined) ran.push(name)
        }
      }),
    )
    await bus.emit({ type: 'batch.finished', batch: batch.index, servers: ran.length > 0 ? ran : batch.servers })
  }

  /** Servers of one cluster share a lane, so that two of them are never in progress together. */
  private lanes(batch: Batch): string[][] {
    const lanes = new Map<string, string[]>()
    for (const server of batch.servers) {
      const cluster = this.input.plan.clusters.find(({ members }) => members.includes(server))
      const key = cluster === undefined ? `server ${server}` : `cluster ${cluster.cluster.name}`
      lanes.set(key, [...(lanes.get(key) ?? []), server])
    }
    return [...lanes.values()]
  }

  private async runSlot(slot: string, batch: Batch): Promise<string | undefined> {
    const { plan, control, bus } = this.input
    if (control.stopping || this.stopsInsideBatch()) return undefined
    // The member that was swapped into an earlier slot leaves this one to its partner.
    const owner = this.taken.has(slot) ? this.partnerOf(slot) : slot
    if (owner === undefined) return undefined
    const turn = await clusterTurn({
      plan,
      server: owner,
      taken: this.taken,
      outcomes: this.outcomes,
      isActive: server => this.isActive(server),
    })
    const name = 'run' in turn ? turn.run : turn.passOver
    this.taken.add(name)
    if ('passOver' in turn) {
      this.outcomes[name] = 'skipped'
      await bus.emit({
        type: 'server.finished',
        server: name,
        outcome: 'skipped',
        cause: 'cluster-partner',
        note: turn.because,
      })
      return undefined
    }
    try {
      this.outcomes[name] = (await runServer(this.contextOf(name))).outcome
    } catch (error) {
      this.bug ??= error
      this.outcomes[name] = 'unknown'
    }
    this.checkBudget(batch)
    return name
  }

  private partnerOf(server: string): string | undefined {
    const cluster = this.input.plan.clusters.find(({ members }) => members.includes(server))
    return cluster?.members.find(member => !this.taken.has(member))
  }

  private stopsInsideBatch(): boolean {
    return this.bug !== undefined || (this.halt !== undefined && this.input.plan.onFailure === 'stop-starting')
  }

  /** Budgets are looked at whenever a server ends; a server already started is always finished (product.md, definition 6). */
  private checkBudget(batch: Batch): void {
    const { plan } = this.input
    if (plan.onFailure === 'continue') return
    const left = budgetLeft({ plan, ended: this.outcomes })
    const ofBatch = left.batch(batch.index)
    if (left.run < 0 || (ofBatch !== undefined && ofBatch < 0)) this.halt = 'budget'
  }

  private async between(batch: Batch): Promise<void> {
    const { playbook, control, bus } = this.input
    const { soakMs, health } = playbook.rollout.between
    if (soakMs > 0) await this.soak(soakMs)
    if (health.length === 0) return
    for (const name of batch.servers.filter(server => this.outcomes[server] === 'changed')) {
      const problem = await this.withLink(
        name,
        link => unhealthy(link, this.contextOf(name), health),
        'it cannot be reached',
      )
      if (problem === undefined) continue
      await bus.emit({
        type: 'step.progress',
        server: name,
        step: 'verify',
        note: `not healthy before the next batch: ${problem}`,
      })
      if (!control.stopping) this.halt = 'health'
      return
    }
  }

  /** Real time; ends early when the operator stops the run. */
  private async soak(ms: number): Promise<void> {
    const { control } = this.input
    const until = performance.now() + ms
    while (!control.stopping && performance.now() < until) {
      await pause(Math.min(250, Math.max(1, until - performance.now())), control.leaving)
    }
  }

  private async isActive(server: string): Promise<boolean | undefined> {
    return this.withLink(
      server,
      async link => (await link.call('Get-ServerFact', { Accounts: [systemSid] })).cluster?.isActive,
      undefined,
    )
  }

  /** One question to a server outside its own run; `otherwise` when there is no way to it. */
  private async withLink<T>(server: string, ask: (link: Link) => Promise<T>, otherwise: T): Promise<T> {
    const link = this.linkTo(server, 60_000)
    try {
      await link.connect()
      return await ask(link)
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      return otherwise
    } finally {
      await link.close().catch(() => undefined)
    }
  }

  private linkTo(name: string, patienceMs: number): Link {
    const server = needed(this.byName.get(name), `server ${name}`)
    return createLink({
      transport: this.input.transportFor(server),
      signal: this.input.control.leaving,
      patienceMs,
    })
  }

  private contextOf(name: string) {
    const { run, playbook, control, bus, folder, resume } = this.input
    const { attempt, jobStarted } = resume?.prior.underway[name] ?? { attempt: 1, jobStarted: false }
    return {
      run: attemptId(run, attempt),
      attempt,
      jobStarted,
      server: needed(this.byName.get(name), `server ${name}`),
      playbook,
      package: this.input.package,
      link: this.linkTo(name, 15 * 60_000),
      control,
      emit: bus.emit,
      folder: join(folder, 'servers', name),
      found: {},
    }
  }
}
