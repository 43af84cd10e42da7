import type { DiscoveredServer } from './model.js'

/** A server of an inventory, by what it is called. */
export interface Listed {
  name: string
  host: string
}

/**
 * For each discovered server the index of the one in the file that it is, or undefined: by name first, then by address, where a name and a host name
 * may stand for each other. No server of the file is given away twice.
 */
export function matchServers(
  discovered: readonly DiscoveredServer[],
  listed: readonly Listed[],
): (number | undefined)[] {
  const taken = new Set<number>()
  const found = discovered.map((): number | undefined => undefined)
  const rounds: ((server: DiscoveredServer, other: Listed) => boolean)[] = [
    (server, other) => same(server.name, other.name),
    (server, other) => same(server.host, other.host),
    (server, other) => same(server.host, other.name) || same(server.name, other.host),
  ]
  for (const fits of rounds) {
    for (const [at, server] of discovered.entries()) {
      if (found[at] !== undefined) continue
      const index = listed.findIndex((other, candidate) => !taken.has(candidate) && fits(server, other))
      if (index < 0) continue
      taken.add(index)
      found[at] = index
    }
  }
  return found
}

function same(a: string, b: string): boolean {
  return a.toLowerCase().replace(/\.$/, '') === b.toLowerCase().replace(/\.$/, '')
}
