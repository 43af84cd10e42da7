import type { LabCluster } from '../../world/cluster.js'
import type { LabServer } from '../../world/lab-server.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'

/** Server milliseconds that a hand-over of the clustered mailbox server takes: databases dismount here and mount there. */
const moveMs = 20_000
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
  if (moved) move(server, cluster, target).catch(() => undefined)
  while ((!cluster.healthy || cluster.activeNode !== target) && server.uptimeMs < deadline) {
    await server.clock.sleep(lookEveryMs, signal)
  }
  return { moved, activeNode: cluster.activeNode, healthy: cluster.healthy }
}

/** The cluster carries a move through, whatever becomes of the session that asked for it. */
async function move(server: LabServer, cluster: LabCluster, target: string): Promise<void> {
  const from = cluster.activeNode
  cluster.healthy = false
  await server.clock.sleep(moveMs)
  cluster.activeNode = target
  cluster.healthy = true
  server.events.write({
    log: 'Application',
    source: 'MSExchangeRepl',
    id: 2058,
    level: 'Information',
    text: `The clustered mailbox server ${cluster.name} was moved from ${from} to ${target}.`,
  })
}

function clusterOf({ cluster, computerName }: LabServer, name: string): LabCluster {
  if (cluster !== undefined && cluster.name.toLowerCase() === name.toLowerCase()) return cluster
  throw new ScriptProblem(
    'CLUSTER_UNKNOWN',
    `${computerName} is no node of ${name}`,
    'Read the facts of the server again.',
  )
}
