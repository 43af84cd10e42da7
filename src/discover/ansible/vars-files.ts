import { asLayer } from '../../inventory/merge.js'
import { type AnsibleInventory, groupOf } from './model.js'
import { toValue } from './yaml.js'

/** A file of variables beside an inventory. */
export interface VarsFile {
  of: 'group' | 'host'
  /** Of the file or of the folder it lies in: the group or host, with or without `.yml`, `.yaml`, `.json`. */
  name: string
  /** For messages. */
  file: string
  text: string
}

/**
 * Adds the variables of files to an inventory; they win over what the inventory itself says of the same group or host (Ansible guide, "Understanding variable precedence").
 * Files of groups and hosts that are not in it do not count. Returns the files that are vaults, which nobody but Ansible can read. Throws as `readYaml`.
 */
export function addVarsFiles(inventory: AnsibleInventory, files: readonly VarsFile[]): string[] {
  const { groups, hosts } = inventory
  const vaults: string[] = []
  // Every inventory has the group, named or not.
  const known: ReadonlyMap<string, unknown> = new Map([['all', undefined], ...groups])
  for (const { of, name: written, file, text } of files) {
    const among = of === 'group' ? known : hosts
    const name = [written, written.replace(/\.(?:ya?ml|json)$/, '')].find(each => among.has(each))
    if (name === undefined) continue
    if (text.startsWith('$ANSIBLE_VAULT')) {
      vaults.push(file)
      continue
    }
    const vars = asLayer(toValue(text, file))
    if (of === 'host') hosts.set(name, { ...hosts.get(name), ...vars })
    else Object.assign(groupOf(inventory, name).vars, vars)
  }
  return vaults
}
