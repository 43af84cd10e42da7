/** A clustered mailbox server (CCR) on two nodes: shared by the two simulated servers. */
export class LabCluster {
  readonly type = 'ccr'
  readonly name: string
  readonly nodes: string[]
  activeNode: string
  /** False while the clustered mailbox server is moving, or its node is down. */
  healthy = true

  constructor({ name, nodes, activeNode }: { name: string; nodes: string[]; activeNode: string }) {
    this.name = name
    this.nodes = nodes
    this.activeNode = activeNode
  }
}
