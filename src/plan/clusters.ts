import type { InventoryServer } from '../inventory/model.js'
import type { ClusterConstraint } from './model.js'

/**
 * The constraint of each cluster with a selected member (product.md, definition 5). `servers` come in order of start, so members come in slot
 * order. Of a CCR or SCC pair the passive node goes first (exchange.md 2.2), which only facts can tell; of a DAG any member
 * may go first, one at a time (exchange.md 2.3). Same name with another type is another cluster.
 */
export function clusterConstraints(servers: readonly InventoryServer[]): ClusterConstraint[] {
  const constraints = new Map<string, ClusterConstraint>()
  for (const { name, cluster } of servers) {
    if (cluster === undefined) continue
    const key = `${cluster.type} ${cluster.name.toLowerCase()}`
    const known = constraints.get(key)
    if (known !== undefined) known.members.push(name)
    else {
      const order = cluster.type === 'dag' ? 'one-at-a-time' : 'passive-first'
      constraints.set(key, { cluster: { ...cluster }, members: [name], order })
    }
  }
  return [...constraints.values()]
}
