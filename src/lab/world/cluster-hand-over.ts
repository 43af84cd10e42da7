import type { LabCluster } from './cluster.js'
import type { LabServer } from './lab-server.js'

/** Server milliseconds that a hand-over of the clustered mailbox server takes: databases dismount here and mount there. */
const moveMs = 20_000

/** The cluster carries a move through, whatever becomes of the session that asked for it. */
export async function handOver(server: LabServer, cluster: LabCluster, target: string): Promise<void> {
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
