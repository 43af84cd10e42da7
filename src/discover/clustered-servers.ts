import type { ClusterType, Role } from '../inventory/model.js'
import type { DiscoveredServer } from './model.js'

export interface ClusteredMailboxServer {
  /** Name and fully qualified name of the clustered mailbox server, which is no machine. */
  name: string
  host: string
  type: ClusterType
  /** The machines it can run on; short names or fully qualified ones. */
  nodes: readonly string[]
  roles: readonly Role[]
  site?: string | undefined
  version?: string | undefined
}

/**
 * The nodes of a clustered mailbox server of Exchange 2007: the directory lists the server that moves between them, patched are the
 * nodes (TechNet bb885043). A node's short name is completed with the domain of the clustered server.
 */
export function nodesOf({ name, host, type, nodes, roles, site, version }: ClusteredMailboxServer): DiscoveredServer[] {
  const domain = host.includes('.') ? host.slice(host.indexOf('.')) : ''
  return [...new Set(nodes)].map(node => ({
    name: node.includes('.') ? node.slice(0, node.indexOf('.')) : node,
    host: node.includes('.') ? node : `${node}${domain}`,
    roles: roles.length === 0 ? ['mailbox'] : [...roles],
    cluster: { type, name },
    ...(site !== undefined && { site }),
    ...(version !== undefined && { version }),
  }))
}
