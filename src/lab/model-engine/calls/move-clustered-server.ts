import type { LabCluster } from '../../world/cluster.js'
import { handOver } from '../../world/cluster-hand-over.js'
import type { LabServer } from '../../world/lab-server.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'

const lookEveryMs = 1000

/** `Move-ClusteredMailboxServer` (TechNet bb885043, exchange.md 2.2): moves it, then waits until it is healthy on the target. */
export const moveClusteredServer: ScriptAnswer<'Move-ClusteredServer'> = async ({ server, args, signal }) => {
  const cluster = clusterOf(server, args.Name)
  const target = cluster.nodes.find(node => node.toLowerCase() === args.TargetNode.toLowerCase())
  if (target === undefined) {
    throw new ScriptProblem(
      'CLUSTER_NODE_UNKNOWN',
      `${args.TargetNode} is no node of ${cluster.name}`,
      `Its nodes are ${cluster.nodes.join(', ')}.`,
    )
  }
  const deadline = server.uptimeMs + args.TimeoutSeconds * 1000
  const moved = cluster.healthy && cluster.activeNode !== target
  if (moved) {
    const text = `exroll moves ${cluster.name} from ${cluster.activeNode} to ${args.TargetNode} before an update`
    server.events.write({ log: 'Application', source: 'exroll', id: 16, level: 'Information', text })
    handOver(server, cluster, target).catch(() => undefined)
  }
  while ((!cluster.healthy || cluster.activeNode !== target) && server.uptimeMs < deadline) {
    await server.clock.sleep(lookEveryMs, signal)
  }
  return { moved, activeNode: cluster.activeNode, healthy: cluster.healthy }
}

function clusterOf({ cluster, computerName }: LabServer, name: string): LabCluster {
  if (cluster !== undefined && cluster.name.toLowerCase() === name.toLowerCase()) return cluster
  throw new ScriptProblem(
    'CLUSTER_UNKNOWN',
    `${computerName} is no node of ${name}`,
    'Read the facts of the server again.',
  )
}
