import type { Cluster, Role } from '../inventory/model.js'
import type { Action } from '../playbook/model.js'

export interface PlannedServer {
  name: string
  roles: Role[]
  /** The role that ranked it: the first of `rollout.order` among its roles; `other` when none of them is named there. */
  rank: Role | 'other'
  /** 1-based. */
  batch: number
  cluster?: Cluster
}

export interface Batch {
  /** 1-based. */
  index: number
  rank: Role | 'other'
  canary: boolean
  /** In order of start. For a CCR pair these are slots: facts decide which node takes the earlier one. */
  servers: string[]
}

/** Members of one cluster are never in progress together. */
export interface ClusterConstraint {
  cluster: Cluster
  /** The selected members, in slot order. */
  members: string[]
  /** `passive-first`: facts, when the first slot's turn comes, say which member takes it. */
  order: 'passive-first' | 'one-at-a-time'
}

export interface Plan {
  action: Action
  playbook: string
  servers: PlannedServer[]
  batches: Batch[]
  clusters: ClusterConstraint[]
  /** Servers at once over the whole run. */
  throttle: number
  /** Failed + unreachable + unknown servers that are still tolerated, as counts. */
  budget: { run: number /** per batch index; absent = no own limit */; batches: Record<number, number> }
  onFailure: 'finish-batch' | 'stop-starting' | 'continue'
}
