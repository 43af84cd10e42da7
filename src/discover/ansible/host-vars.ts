import type { AnsibleInventory, AnsibleVars } from './model.js'

export interface ResolvedHost {
  name: string
  /** The groups it is in, the ones above them too, without `all` and `ungrouped`. */
  groups: string[]
  vars: AnsibleVars
}

/**
 * Each host with what holds for it: `all`, then its groups from the top down, of one level by `ansible_group_priority` and then by name, then its own; later over
 * earlier (Ansible guide, "How variables are merged"). In the order in which the file names the hosts.
 */
export function resolveHosts({ groups, hosts }: AnsibleInventory): ResolvedHost[] {
  const depths = depthsOf(groups)
  const parents = new Map<string, string[]>()
  for (const [name, { children }] of groups) {
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name])
  }
  const above = (name: string, seen: Set<string>): Set<string> => {
    if (seen.has(name)) return seen
    seen.add(name)
    for (const parent of parents.get(name) ?? []) above(parent, seen)
    return seen
  }
  const priority = (name: string) => Number(groups.get(name)?.vars.ansible_group_priority ?? 1) || 1
  return [...hosts].map(([name, own]) => {
    const direct = [...groups].filter(([, group]) => group.hosts.has(name)).map(([group]) => group)
    const its = new Set<string>(['all'])
    for (const group of direct) above(group, its)
    const ordered = [...its].sort(
      (a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || priority(a) - priority(b) || (a < b ? -1 : 1),
    )
    const layers = ordered.map(group => groups.get(group)?.vars ?? {})
    return {
      name,
      groups: ordered.filter(group => group !== 'all' && group !== 'ungrouped'),
      vars: Object.assign({}, ...layers, own) as AnsibleVars,
    }
  })
}

/** `all` is 0, a group one below the lowest of its parents. A group within itself does not go deeper. */
function depthsOf(groups: AnsibleInventory['groups']): Map<string, number> {
  const depths = new Map<string, number>([...groups.keys()].map(name => [name, name === 'all' ? 0 : 1]))
  for (let round = 0; round < groups.size; round++) {
    let moved = false
    for (const [name, { children }] of groups) {
      for (const child of children) {
        const wanted = (depths.get(name) ?? 0) + 1
        if (child === 'all' || child === name || (depths.get(child) ?? 0) >= wanted) continue
        depths.set(child, wanted)
        moved = true
      }
    }
    if (!moved) break
  }
  return depths
}
