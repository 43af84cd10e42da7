import type { Step } from '../context.js'
import { needed } from '../needed.js'

const moveTimeoutSeconds = 15 * 60

/**
 * On the node that hosts the clustered mailbox server: moves it over and waits until it is healthy there, because rollups go on
 * passive nodes only (TechNet bb885043, exchange.md 2.2). A passive node has nothing to move; without a cluster it is skipped.
 */
export const maintenanceOn: Step = async ({ link, found }) => {
  const fact = needed(found.fact, 'facts')
  const { cluster } = fact
  if (cluster === null) return { outcome: 'skipped', note: 'no cluster' }
  const here = (node: string) => node.toLowerCase() === fact.computerName.toLowerCase()
  if (!cluster.isActive) return { outcome: 'ok', note: `passive node; ${cluster.name} is on ${cluster.activeNode}` }
  const target = cluster.nodes.find(node => !here(node))
  if (target === undefined) {
    return {
      outcome: 'failed',
      error: {
        code: 'CLUSTER_NO_TARGET',
        message: `${cluster.name} runs here and the cluster has no other node to move it to`,
        hint: 'Bring the other node back, then run again: an active node is never patched.',
      },
    }
  }
  const result = await link.call(
    'Move-ClusteredServer',
    { Name: cluster.name, TargetNode: target, TimeoutSeconds: moveTimeoutSeconds },
    { timeoutMs: (moveTimeoutSeconds + 300) * 1000 },
  )
  if (result.healthy && !here(result.activeNode)) {
    return { outcome: 'changed', note: `${cluster.name} moved to ${result.activeNode}` }
  }
  return {
    outcome: 'failed',
    error: {
      code: 'CLUSTER_NOT_HEALTHY',
      message: `${cluster.name} is not healthy on ${target} (it is on ${result.activeNode})`,
      hint: `Look at ${cluster.name} in Failover Cluster Management; move it by hand, then run again.`,
    },
  }
}

/** Nothing is held for a CCR node: the clustered mailbox server stays where it is now. */
export const maintenanceOff: Step = async ({ found }) => {
  const { cluster } = needed(found.fact, 'facts')
  return cluster === null
    ? { outcome: 'skipped', note: 'no cluster' }
    : { outcome: 'ok', note: `${cluster.name} stays on the node it is on` }
}
