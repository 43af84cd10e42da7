import type { Amount } from '../playbook/model.js'

/** Percentages like 1.1 are not exact in binary: a whole number that is missed by this little is meant. */
const slack = 1e-9

/** How many servers a batch takes: a percentage is of `whole`, rounded up, at least 1 (product.md, definition 4). */
export function batchSize(amount: Amount, whole: number): number {
  return Math.max(1, 'count' in amount ? amount.count : Math.ceil((amount.percent * whole) / 100 - slack))
}

/** How many failures are tolerated: a percentage is of `whole`, rounded down, so that 0% and small fleets tolerate none. */
export function tolerated(amount: Amount, whole: number): number {
  return 'count' in amount ? amount.count : Math.floor((amount.percent * whole) / 100 + slack)
}
