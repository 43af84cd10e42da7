import type { InventoryServer, Role } from '../inventory/model.js'

export interface Rank {
  name: Role | 'other'
  /** In order of start. */
  servers: InventoryServer[]
}

/**
 * Servers by the first of `order` that is among their roles; within cas the internet-facing first (exchange.md 2.1: with CAS-CAS
 * proxying they must not be older than what they proxy to), then by name (product.md, definition 1). Servers with none of these roles come
 * last, as `other`. Ranks without a server are left out.
 */
export function rankServers(servers: readonly InventoryServer[], order: readonly Role[]): Rank[] {
  const names = [...new Set<Role | 'other'>([...order, 'other'])]
  return names
    .map(name => ({
      name,
      servers: servers
        .filter(server => rankOf(server, order) === name)
        .sort(name === 'cas' ? internetFacingFirst : byName),
    }))
    .filter(rank => rank.servers.length > 0)
}

/** The first of `order` among the server's roles. */
export function rankOf(server: InventoryServer, order: readonly Role[]): Role | 'other' {
  return order.find(role => server.roles.includes(role)) ?? 'other'
}

function internetFacingFirst(a: InventoryServer, b: InventoryServer): number {
  return Number(b.internetFacing) - Number(a.internetFacing) || byName(a, b)
}

/** Plain order of characters, case aside: the same on every machine, whatever its locale. */
function byName(a: InventoryServer, b: InventoryServer): number {
  return compare(a.name.toLowerCase(), b.name.toLowerCase()) || compare(a.name, b.name)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
