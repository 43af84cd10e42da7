import type { ClusterType } from '../inventory/model.js'
import { nodesOf } from './clustered-servers.js'
import { exchangeVersion } from './exchange-version.js'
import type { DiscoveredServer, Discovery } from './model.js'
import { rolesOfMask } from './server-roles.js'

/** Attributes of an entry by their names in lower case, each with all its values. */
export type DirectoryEntry = ReadonlyMap<string, readonly string[]>

/** Objects of Exchange servers in the configuration partition; the transport configuration below each has a class of its own that inherits this one. */
export const serverFilter = '(&(objectClass=msExchExchangeServer)(!(objectClass=msExchExchangeTransportServer)))'

/**
 * What is asked of each. `networkAddress` has the host name as `ncacn_ip_tcp:HOST`; `msExchServerRedundantMachines` and `msExchClusterStorageType` are of clustered
 * mailbox servers of 2007, `msExchMDBAvailabilityGroupLink` of members of a DAG.
 */
export const serverAttributes = [
  'cn',
  'networkAddress',
  'serialNumber',
  'msExchCurrentServerRoles',
  'msExchServerSite',
  'msExchMDBAvailabilityGroupLink',
  'msExchClusterStorageType',
  'msExchServerRedundantMachines',
] as const

/** `msExchClusterStorageType` counts as `ClusteredStorageType` does: 0 Disabled, 1 NonShared, 2 Shared. */
const storageTypes: ReadonlyMap<string, ClusterType> = new Map([
  ['1', 'ccr'],
  ['2', 'scc'],
])

/** The servers of an Exchange organisation out of their entries in the configuration partition. */
export function directoryDiscovery(entries: readonly DirectoryEntry[], source: string): Discovery {
  const notes: string[] = []
  const servers = entries.flatMap(entry => toServers(entry, notes))
  return { source, servers, notes }
}

function toServers(entry: DirectoryEntry, notes: string[]): DiscoveredServer[] {
  const first = (attribute: (typeof serverAttributes)[number]) => entry.get(attribute.toLowerCase())?.[0]
  const name = first('cn') ?? ''
  const addresses = entry.get('networkaddress') ?? []
  const host = addresses.flatMap(address => /^ncacn_ip_tcp:(.+)$/i.exec(address)?.[1] ?? [])[0] ?? name
  const version = exchangeVersion(first('serialNumber') ?? '')
  const mask = Number(first('msExchCurrentServerRoles') ?? 0)
  const site = rdnValue(first('msExchServerSite'))
  const known = {
    roles: rolesOfMask(mask, version),
    ...(site !== undefined && { site }),
    ...(version !== undefined && { version }),
  }
  const type = storageTypes.get(first('msExchClusterStorageType') ?? '0')
  if (type !== undefined) {
    const nodes = (entry.get('msexchserverredundantmachines') ?? [])
      .flatMap(value => value.split(/[\s,;]+/))
      .filter(node => node !== '')
    if (nodes.length > 0) return nodesOf({ ...known, name, host, type, nodes })
    notes.push(`${name} is a clustered mailbox server, and the directory does not list its nodes: add them by hand.`)
    return []
  }
  const dag = rdnValue(first('msExchMDBAvailabilityGroupLink'))
  return [{ name, host, ...known, ...(dag !== undefined && { cluster: { type: 'dag', name: dag } }) }]
}

/** The first value of a distinguished name (RFC 4514): `London` of `CN=London,CN=Sites,...`. */
export function rdnValue(name: string | undefined): string | undefined {
  const written = /^[^=]+=((?:\\.|[^,+\\])*)/s.exec(name ?? '')?.[1]
  if (written === undefined || written === '') return undefined
  const bytes = written.replace(/(?:\\[0-9A-Fa-f]{2})+/g, hex =>
    Buffer.from(hex.replaceAll('\\', ''), 'hex').toString('utf8'),
  )
  return bytes.replace(/\\(.)/gs, '$1').trim()
}
