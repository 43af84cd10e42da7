import type { Cluster, Role } from '../../inventory/model.js'
import { clusterTypes, roles } from '../../inventory/model.js'
import type { DiscoveredServer, Discovery } from '../model.js'
import { connectionOf } from './connection.js'
import { rolesOfGroup, rolesOfValue } from './group-roles.js'
import { type ResolvedHost, resolveHosts } from './host-vars.js'
import { type AnsibleInventory, type AnsibleVars, plainText } from './model.js'

const roleVars = ['exroll_roles', 'exchange_roles', 'exchange_role']
const siteVars = ['exroll_site', 'exchange_site', 'ad_site', 'site']
const clusterVars = (type: string) => [`exchange_${type}`, `${type}_name`, type]

/**
 * The Exchange servers of an Ansible inventory. Roles come from `exchange_roles` or the like, else from the names of groups; a site from `ad_site` or
 * `site`; clusters from `dag`, `ccr`, `scc`. Hosts that nothing gives a role are left out with a note, all in one.
 */
export function ansibleDiscovery(inventory: AnsibleInventory, source: string): Discovery {
  const notes: string[] = []
  const servers: DiscoveredServer[] = []
  const others: string[] = []
  for (const host of resolveHosts(inventory)) {
    const found = rolesFor(host, notes)
    if (found.length === 0) others.push(host.name)
    else {
      const connection = connectionOf(host, notes)
      if (connection !== undefined)
        servers.push({ name: host.name, roles: found, ...connection, ...placeOf(host.vars) })
    }
  }
  if (others.length > 0) {
    const shown = `${others.slice(0, 8).join(', ')}${others.length > 8 ? ' and others' : ''}`
    notes.push(
      `${others.length} ${others.length === 1 ? 'host is' : 'hosts are'} left out, as no group or variable gives a role: ${shown}. If they are Exchange servers, set exchange_roles.`,
    )
  }
  return { source, servers, notes }
}

function rolesFor({ name, groups, vars }: ResolvedHost, notes: string[]): Role[] {
  const key = roleVars.find(one => vars[one] !== undefined)
  if (key !== undefined) {
    const found = rolesOfValue(vars[key])
    if (found !== undefined) return found
    notes.push(`${name}: ${key} does not say which roles it has; exroll knows ${roles.join(', ')}.`)
  }
  const found = new Set(groups.flatMap(rolesOfGroup))
  return roles.filter(role => found.has(role))
}

function placeOf(vars: AnsibleVars): { site?: string; cluster?: Cluster } {
  const site = firstText(vars, siteVars)
  const clusters = clusterTypes.flatMap((type): Cluster[] => {
    const name = firstText(vars, clusterVars(type))
    return name === undefined ? [] : [{ type, name }]
  })
  const [cluster] = clusters
  return { ...(site !== undefined && { site }), ...(cluster !== undefined && { cluster }) }
}

function firstText(vars: AnsibleVars, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = typeof vars[key] === 'boolean' ? undefined : plainText(vars[key])
    if (text !== undefined) return text
  }
  return undefined
}
