import type { ServerOutcome } from '../events/event.js'
import type { Rollout } from '../playbook/model.js'
import { tolerated } from './amount.js'
import type { Batch, Plan } from './model.js'

/** The budgets as counts: of the selected servers, and of each batch where the playbook sets one. */
export function makeBudget(
  { maxFail, maxFailPerBatch }: Pick<Rollout, 'maxFail' | 'maxFailPerBatch'>,
  selected: number,
  batches: readonly Batch[],
): Plan['budget'] {
  const perBatch =
    maxFailPerBatch === undefined
      ? []
      : batches.map(batch => [batch.index, tolerated(maxFailPerBatch, batch.servers.length)])
  return { run: tolerated(maxFail, selected), batches: Object.fromEntries(perBatch) }
}

export interface BudgetSpent {
  plan: Plan
  ended: Record<string, ServerOutcome>
  wentIn?: ReadonlyMap<string, number>
}

export interface BudgetLeft {
  /** Failures still tolerated over the run; negative once the budget is overspent. */
  run: number
  /** The same for one batch, by its 1-based index; undefined when the batch has no limit of its own. */
  batch(index: number): number | undefined
}

/**
 * What is left of the budgets after these servers ended. product.md: the budget is "failed + unreachable + unknown servers". A `blocked`
 * server does not count: precheck refused it before anything was changed, so it says nothing against the update. A server counts for
 * the batch it went in (`wentIn`, 1-based), which is the plan's unless it took its cluster partner's slot.
 */
export function budgetLeft({ plan, ended, wentIn = new Map() }: BudgetSpent): BudgetLeft {
  const spent = (names: readonly string[]) => names.filter(name => isFailure(ended[name])).length
  return {
    run: plan.budget.run - spent(plan.servers.map(({ name }) => name)),
    batch(index) {
      const budget = plan.budget.batches[index]
      if (budget === undefined) return undefined
      const servers = plan.servers.filter(({ name, batch }) => (wentIn.get(name) ?? batch) === index)
      return budget - spent(servers.map(({ name }) => name))
    },
  }
}

function isFailure(outcome: ServerOutcome | undefined): boolean {
  return outcome === 'failed' || outcome === 'unreachable' || outcome === 'unknown'
}
