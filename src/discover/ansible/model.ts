/** Variables as they are written. A value that only Ansible can tell (Jinja, a vault) is its text; `plainText` leaves it out. */
export type AnsibleVars = Readonly<Record<string, unknown>>

export interface AnsibleGroup {
  hosts: Set<string>
  children: Set<string>
  vars: Record<string, unknown>
}

/** An Ansible inventory with host ranges written out. Every group that is named anywhere is there. */
export interface AnsibleInventory {
  groups: Map<string, AnsibleGroup>
  hosts: Map<string, Record<string, unknown>>
}

export function emptyInventory(): AnsibleInventory {
  return { groups: new Map(), hosts: new Map() }
}

/** The group of that name, made when it is not there. */
export function groupOf({ groups }: AnsibleInventory, name: string): AnsibleGroup {
  const group = groups.get(name) ?? { hosts: new Set(), children: new Set(), vars: {} }
  groups.set(name, group)
  return group
}

/** Adds hosts to a group; what is known of them already stays, and `vars` win. */
export function addHosts(
  inventory: AnsibleInventory,
  group: string,
  names: readonly string[],
  vars: AnsibleVars,
): void {
  for (const name of names) {
    groupOf(inventory, group).hosts.add(name)
    inventory.hosts.set(name, { ...inventory.hosts.get(name), ...vars })
  }
}

/** Stands for a value under `!vault`. */
export const vaulted = '{{ vault }}'

/** The value as text, when it is one that can be read without Ansible: Jinja and vaults are not. */
export function plainText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string' || /\{[{%]/.test(value) || value.startsWith('$ANSIBLE_VAULT')) return undefined
  return value.trim() === '' ? undefined : value.trim()
}
