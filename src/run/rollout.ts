import { join } from 'node:path'
import PQueue from 'p-queue'
import type { ServerOutcome } from '../events/event.js'
import { budgetLeft } from '../plan/budget.js'
import type { Batch } from '../plan/model.js'
import { betweenBatches } from './between-batches.js'
import { clusterOf, clusterTurn, lanes, slotIsOpen } from './cluster-turn.js'
import { type Contacts, createContacts } from './contacts.js'
import type { ServerContext } from './context.js'
import type { RunInput } from './executor.js'
import { needed } from './needed.js'
import { attemptId, firstAttempt, nextAttempt, type Underway } from './prior.js'
import { runServer } from './server-run.js'
import { createTold } from './told.js'

/** Why servers that were not started stay so. */
type Halt = 'budget' | 'stopped' | 'health'

/** A plan on its way: who has ended how, who is under way, and what comes next. */
export class Rollout {
  readonly outcomes: Record<string, ServerOutcome> = {}
  /** Servers that a lane works on now, and what resolves when it is done with them. */
  readonly busy = new Map<string, Promise<void>>()
  /** Servers that a wish is being carried out for; no lane takes them meanwhile. */
  readonly reserved = new Map<string, Promise<void>>()
  readonly contacts: Contacts
  private readonly input: RunInput
  private readonly queue: PQueue
  /** Servers that were started, skipped or passed over. */
  private readonly taken = new Set<string>()
  /** The batch that a server went in: not always that of the plan, as the nodes of a pair may change slots. */
  private readonly wentIn = new Map<string, number>()
  /** Batches that an earlier process of this run began: what comes between two batches was waited for then. */
  private readonly begun: Set<number>
  private readonly attempts = new Map<string, Underway>()
  private readonly told = createTold()
  private readonly retries = new Set<Promise<unknown>>()
  private halt: Halt | undefined
  private bug: unknown

  constructor(input: RunInput) {
    this.input = input
    this.queue = new PQueue({ concurrency: input.plan.throttle })
    this.contacts = createContacts({
      servers: input.servers,
      transportFor: input.transportFor,
      leaving: input.control.leaving,
    })
    const { prior, events = [] } = input.resume ?? {}
    this.begun = new Set(events.flatMap(event => (event.type === 'batch.started' ? [event.batch] : [])))
    for (const [name, outcome] of Object.entries(prior?.outcomes ?? {})) {
      this.outcomes[name] = outcome
      this.taken.add(name)
    }
    for (const [name, underway] of Object.entries(prior?.attempts ?? {})) this.attempts.set(name, underway)
    for (const event of events) {
      this.told.note(event)
      if (event.type === 'batch.finished') for (const name of event.servers) this.wentIn.set(name, event.batch)
    }
    input.bus.listen(event => this.told.note(event))
  }

  async go(): Promise<'done'> {
    const { plan, bus, control } = this.input
    for (const [index, batch] of plan.batches.entries()) {
      if (!batch.servers.some(slot => slotIsOpen({ plan, slot, taken: this.taken }))) continue
      const before = plan.batches[index - 1]
      // An earlier process may have spent the budget; the batch that it was in is finished all the same.
      if (!this.begun.has(batch.index)) this.checkBudget()
      if (before !== undefined && !this.begun.has(batch.index) && this.goesOn()) await this.between(before)
      if (!this.goesOn()) break
      await this.runBatch(batch)
      if (this.bug !== undefined) throw this.bug
    }
    await this.retriesEnd()
    if (this.bug !== undefined) throw this.bug
    for (const { name } of plan.servers) {
      if (this.outcomes[name] !== undefined) continue
      const cause = control.stopping ? 'stopped' : (this.halt ?? 'stopped')
      this.outcomes[name] = 'skipped'
      await bus.emit({ type: 'server.finished', server: name, outcome: 'skipped', cause })
    }
    return 'done'
  }

  /** Keeps a server for a wish; returns what lets it go. */
  reserve(name: string): () => void {
    let resolve: () => void = () => undefined
    const held = new Promise<void>(done => {
      resolve = done
    })
    this.reserved.set(name, held)
    return () => {
      this.reserved.delete(name)
      resolve()
    }
  }

  /** Takes a server that has ended once more. The caller has made sure that it may. */
  retry(name: string): void {
    const outcome = needed(this.outcomes[name], `the outcome of ${name}`)
    this.attempts.set(name, nextAttempt(this.attempts.get(name) ?? firstAttempt, outcome))
    delete this.outcomes[name]
    this.taken.add(name)
    // Also while the run is paused: somebody has just put this server right and wants to see it work.
    const ended = this.queue.add(() => this.runOne(name, this.batchOf(name)))
    this.retries.add(ended)
    void ended.finally(() => this.retries.delete(ended))
  }

  /** Leaves a server out that was not started. */
  async skip(name: string): Promise<void> {
    this.taken.add(name)
    this.outcomes[name] = 'skipped'
    await this.input.bus.emit({ type: 'server.finished', server: name, outcome: 'skipped', cause: 'operator' })
  }

  /** The member of the same cluster that is under way. */
  busyPartner(name: string): string | undefined {
    return clusterOf(this.input.plan, name)?.members.find(member => member !== name && this.busy.has(member))
  }

  /** The name that the server knows the present attempt of this run by. */
  attemptIdOf(name: string): string {
    return attemptId(this.input.run, (this.attempts.get(name) ?? firstAttempt).attempt)
  }

  private goesOn(): boolean {
    if (this.input.control.stopping) this.halt ??= 'stopped'
    return this.halt === undefined
  }

  private async runBatch(batch: Batch): Promise<void> {
    const { bus } = this.input
    await bus.emit({ type: 'batch.started', batch: batch.index, servers: batch.servers })
    const ran: string[] = []
    await this.queue.addAll(
      lanes(this.input.plan, batch.servers).map(lane => async () => {
        for (const slot of lane) {
          const name = await this.runSlot(slot, batch)
          if (name !== undefined) ran.push(name)
        }
      }),
    )
    await this.retriesEnd()
    await bus.emit({ type: 'batch.finished', batch: batch.index, servers: ran.length > 0 ? ran : batch.servers })
  }

  private async retriesEnd(): Promise<void> {
    while (this.retries.size > 0) await Promise.all(this.retries)
  }

  private async runSlot(slot: string, batch: Batch): Promise<string | undefined> {
    const { plan, control, bus } = this.input
    await control.untilFree()
    await this.untilAlone(slot)
    if (!slotIsOpen({ plan, slot, taken: this.taken })) return undefined
    // The member that was swapped into an earlier slot leaves this one to its partner.
    const owner = this.taken.has(slot) ? this.partnerOf(slot) : slot
    if (owner === undefined || this.startsNothing()) return undefined
    const turn = await clusterTurn({
      plan,
      server: owner,
      taken: this.taken,
      underway: this.begunServers(),
      outcomes: this.outcomes,
      isActive: this.contacts.isActive,
    })
    const name = 'run' in turn ? turn.run : turn.passOver
    // While a node was asked it may have been skipped, the run stopped or paused, and the budget spent.
    await control.untilFree()
    await this.reserved.get(name)
    if (this.taken.has(name) || this.startsNothing()) return undefined
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
    await this.runOne(name, batch.index)
    return name
  }

  private async runOne(name: string, batch: number): Promise<void> {
    await this.untilAlone(name)
    this.wentIn.set(name, batch)
    const ended = this.carryOut(name)
    this.busy.set(name, ended)
    await ended
    this.busy.delete(name)
    this.checkBudget()
  }

  private async carryOut(name: string): Promise<void> {
    try {
      const context = this.contextOf(name)
      const { outcome, jobStarted } = await runServer(context)
      this.outcomes[name] = outcome
      this.attempts.set(name, { attempt: context.attempt, jobStarted: jobStarted || context.jobStarted })
    } catch (error) {
      this.bug ??= error
      this.outcomes[name] = 'unknown'
    }
  }

  /** One member of a cluster at a time, also when the operator has one taken again (product.md, definition 5). */
  private async untilAlone(name: string): Promise<void> {
    for (let partner = this.busyPartner(name); partner !== undefined; partner = this.busyPartner(name)) {
      await this.busy.get(partner)
    }
  }

  private batchOf(name: string): number {
    const planned = this.input.plan.servers.find(server => server.name === name)?.batch
    return needed(this.wentIn.get(name) ?? planned, `the batch of ${name}`)
  }

  private partnerOf(server: string): string | undefined {
    return clusterOf(this.input.plan, server)?.members.find(member => !this.taken.has(member))
  }

  /** Servers whose job an earlier process of this run may have started. */
  private begunServers(): Set<string> {
    return new Set([...this.attempts].flatMap(([name, { jobStarted }]) => (jobStarted ? [name] : [])))
  }

  private startsNothing(): boolean {
    const { control, plan } = this.input
    if (control.stopping || this.bug !== undefined) return true
    return this.halt !== undefined && plan.onFailure === 'stop-starting'
  }

  /** Budgets are looked at whenever a server ends; a server already started is always finished (product.md, definition 6). */
  private checkBudget(): void {
    const { plan } = this.input
    if (plan.onFailure === 'continue') return
    const left = budgetLeft({ plan, ended: this.outcomes, wentIn: this.wentIn })
    const spent = left.run < 0 || plan.batches.some(({ index }) => (left.batch(index) ?? 0) < 0)
    if (spent) this.halt ??= 'budget'
    // A retry that came out well gives its failure back.
    else if (this.halt === 'budget') this.halt = undefined
  }

  private async between(batch: Batch): Promise<void> {
    const { plan, playbook, bus, control } = this.input
    const health = await betweenBatches({
      between: playbook.rollout.between,
      patched: () =>
        plan.servers
          .filter(({ name }) => this.batchOf(name) === batch.index && this.outcomes[name] === 'changed')
          .map(({ name }) => ({ name, run: this.attemptIdOf(name) })),
      package: this.input.package,
      contacts: this.contacts,
      bus,
      control,
      goesOn: () => this.goesOn(),
    })
    if (health === 'unhealthy') this.halt ??= 'health'
    await this.retriesEnd()
  }

  private contextOf(name: string): ServerContext {
    const { playbook, control, bus, folder, resume } = this.input
    const { attempt, jobStarted } = this.attempts.get(name) ?? firstAttempt
    return {
      run: this.attemptIdOf(name),
      attempt,
      jobStarted,
      fromStep: resume?.fromStep,
      told: this.told.of(name, attempt),
      server: this.contacts.server(name),
      playbook,
      package: this.input.package,
      jobAccount: this.input.jobAccount,
      link: this.contacts.linkTo(name),
      control,
      emit: bus.emit,
      folder: join(folder, 'servers', name),
      found: {},
    }
  }
}
