import type { Survey } from '../fleet/survey.js'
import type { InventoryServer } from '../inventory/model.js'
import type { LeftoverRun } from '../scripts/catalog.js'
import { type DefaultStartTypes, defaultStartTypes } from './default-start-types.js'

/** What is to be put back on one server. */
export interface RestorePlan {
  server: InventoryServer
  /** Runs that left something, in the order the server names them. */
  runs: LeftoverRun[]
  /** Only with `--from-defaults`. */
  defaults: DefaultStartTypes
  /** Services that `--from-defaults` would put right, where it was not asked for and no run has a record of its own. */
  offered: number
  /** Left-over `Service*.xml` that go out of the way once the start types are right. */
  leftoverState: string[]
}

export interface RestoreWish {
  fromDefaults: boolean
  /** Short names of services, with `--from-defaults`. */
  named: readonly string[]
}

/** Why `--from-defaults` does nothing on a server where a run has its own record: that record is the truth, not the defaults. */
export const ownRecordFirst = 'a run recorded how its services were: that is put back first; ask again afterwards'

/** Decides from what a server said. Pure. */
export function restorePlan(
  { server, fact, leftover }: Extract<Survey, { fact: unknown }>,
  { fromDefaults, named }: RestoreWish,
): RestorePlan {
  const runs = leftover.runs.filter(run => run.armed || run.outstanding.length > 0 || run.down.length > 0)
  const nothing: DefaultStartTypes = { changes: [], leftAlone: [] }
  const unfinishedPatch = leftover.leftoverState.length > 0
  const defaults = defaultStartTypes({ fact, unfinishedPatch, named })
  if (!fromDefaults) {
    const offered = runs.length === 0 ? defaults.changes.length : 0
    return { server, runs, defaults: nothing, offered, leftoverState: [] }
  }
  if (runs.length === 0) return { server, runs, defaults, offered: 0, leftoverState: leftover.leftoverState }
  const leftAlone = defaults.changes.map(({ scope }) => ({ name: scope, why: ownRecordFirst }))
  return { server, runs, defaults: { changes: [], leftAlone }, offered: 0, leftoverState: [] }
}

/** True when nothing of it can be done now: every run that left something is still at work, or in another's way. Pure. */
export function isBusy({ runs, defaults, leftoverState }: RestorePlan): boolean {
  return runs.every(({ busy }) => busy !== '') && defaults.changes.length === 0 && leftoverState.length === 0
}

/** True when there is nothing to put back and nothing in the way. Pure. */
export function isAsBefore({ runs, defaults, leftoverState }: RestorePlan): boolean {
  return runs.length === 0 && defaults.changes.length === 0 && leftoverState.length === 0
}
