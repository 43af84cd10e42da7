import type { InventoryServer } from '../inventory/model.js'
import type { Playbook } from '../playbook/model.js'
import { cutBatches } from './batches.js'
import { makeBudget } from './budget.js'
import { clusterConstraints } from './clusters.js'
import type { Plan } from './model.js'
import { rankServers } from './rank.js'

/**
 * Who is patched when, before anything is contacted: each of `servers` (the selected ones, in any order) in exactly one batch. The same servers and
 * playbook give the same plan on every machine.
 */
export function makePlan({ servers, playbook }: { servers: readonly InventoryServer[]; playbook: Playbook }): Plan {
  const { rollout } = playbook
  const ranks = rankServers(servers, rollout.order)
  const batches = cutBatches(ranks, rollout)
  const batchOf = new Map(batches.flatMap(batch => batch.servers.map(name => [name, batch.index] as const)))
  return {
    action: playbook.action,
    playbook: playbook.name,
    servers: ranks.flatMap(rank =>
      rank.servers.map(({ name, roles, cluster }) => ({
        name,
        roles: [...roles],
        rank: rank.name,
        batch: batchOf.get(name) ?? 0,
        ...(cluster === undefined ? {} : { cluster: { ...cluster } }),
      })),
    ),
    batches,
    clusters: clusterConstraints(ranks.flatMap(rank => rank.servers)),
    throttle: rollout.throttle,
    budget: makeBudget(rollout, servers.length, batches),
    onFailure: rollout.onFailure,
  }
}
