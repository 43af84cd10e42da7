import { inventorySchema } from '../inventory/schema.js'
import type { DiscoveredServer, Discovery } from './model.js'

const server = inventorySchema.shape.servers.element.shape

/**
 * The discovery without what an inventory would refuse: names and hosts that are none, names that come twice, and CCR clusters of which
 * not just both nodes are known. Each becomes a note.
 */
export function acceptable({ source, servers, notes }: Discovery): Discovery {
  const said = [...notes]
  const kept: DiscoveredServer[] = []
  for (const one of servers) {
    const reason = refusal(one, kept)
    if (reason === undefined) kept.push(one)
    else said.push(`${one.name} is left out: ${reason}.`)
  }
  const pairs = new Map<string, number>()
  for (const { cluster } of kept) {
    if (cluster?.type === 'ccr') pairs.set(keyOf(cluster.name), (pairs.get(keyOf(cluster.name)) ?? 0) + 1)
  }
  const checked = kept.map(one => {
    const { cluster, ...rest } = one
    const members = cluster?.type === 'ccr' ? pairs.get(keyOf(cluster.name)) : 2
    if (cluster === undefined || members === 2) return one
    said.push(
      `${one.name} is in the CCR cluster ${cluster.name}, of which ${members} of 2 nodes are known: write the cluster by hand.`,
    )
    return rest
  })
  return { source, servers: checked, notes: said }
}

function refusal({ name, host, roles }: DiscoveredServer, kept: readonly DiscoveredServer[]): string | undefined {
  if (!server.name.safeParse(name).success) return `"${name}" cannot be a server's name`
  if (!server.host.safeParse(host).success) return `"${host}" is no host name or address`
  if (roles.length === 0) return 'nothing says which roles it has'
  const twin = kept.find(other => keyOf(other.name) === keyOf(name))
  return twin === undefined ? undefined : `another server is called ${twin.name} too`
}

function keyOf(name: string): string {
  return name.toLowerCase()
}
