import { handOver } from '../../world/cluster-hand-over.js'
import type { WorldCall } from '../world-calls.js'

/** ps-scripts/windows/Cluster.ps1. */
export const clusterCalls: Record<string, WorldCall> = {
  'Get-ClusteredMailboxServerFact': ({ server: { cluster, computerName } }) =>
    cluster === undefined
      ? null
      : {
          type: cluster.type,
          name: cluster.name,
          nodes: cluster.nodes,
          activeNode: cluster.activeNode,
          isActive: cluster.activeNode.toUpperCase() === computerName,
          healthy: cluster.healthy,
        },
  'Start-ClusteredMailboxServerMove': ({ server }, _name: string, targetNode: string) => {
    const { cluster } = server
    const target = cluster?.nodes.find(node => node.toLowerCase() === targetNode.toLowerCase())
    if (cluster === undefined || target === undefined) throw new Error(`no cluster has a node ${targetNode}`)
    handOver(server, cluster, target).catch(() => undefined)
  },
}
