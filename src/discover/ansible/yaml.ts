import { LineCounter, parseDocument } from 'yaml'
import { UsageError } from '../../errors.js'
import { asLayer } from '../../inventory/merge.js'
import { expandHosts } from './host-range.js'
import { type AnsibleInventory, addHosts, emptyInventory, groupOf, vaulted } from './model.js'

/**
 * An Ansible inventory in YAML form (groups with `hosts`, `children` and `vars`; ansible-core, plugins/inventory/yaml.py), and what `ansible-inventory --list`
 * prints, as YAML or as JSON with `_meta.hostvars`. Throws `UsageError` ANSIBLE_INVALID, ANSIBLE_RANGE.
 */
export function readYaml(text: string, file: string): AnsibleInventory {
  const inventory = emptyInventory()
  const groups = asLayer(toValue(text, file))
  if (Object.keys(groups).length === 0) throw invalid(`${file} holds no groups.`)
  for (const [name, group] of Object.entries(groups)) if (name !== '_meta') readGroup(inventory, name, group, file)
  const known = asLayer(asLayer(groups._meta).hostvars)
  for (const [name, vars] of Object.entries(known)) {
    if (inventory.hosts.has(name)) inventory.hosts.set(name, { ...inventory.hosts.get(name), ...asLayer(vars) })
  }
  return inventory
}

/** YAML as Ansible writes it, as a plain value: what a vault holds stays closed. Throws `UsageError` ANSIBLE_INVALID. */
export function toValue(text: string, file: string): unknown {
  const counter = new LineCounter()
  const opaque = ['!vault', '!vault-encrypted'].map(tag => ({ tag, resolve: () => vaulted }))
  const plain = { tag: '!unsafe', resolve: (written: string) => written }
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    logLevel: 'silent',
    customTags: [...opaque, plain],
  })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = counter.linePos(error.pos[0])
    throw invalid(`${file}:${line}:${col}: ${error.message}.`)
  }
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause
    throw invalid(`${file}: ${cause.message}.`)
  }
}

/** Levels of groups in groups; a file that goes deeper is none that somebody wrote. */
const deepest = 50

function readGroup(inventory: AnsibleInventory, name: string, value: unknown, file: string, depth = 0): void {
  if (depth > deepest) throw invalid(`${file}: the groups are nested too deeply.`)
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw invalid(`${file}: the group ${name} is no mapping with hosts, children or vars.`)
  }
  const { hosts, children, vars } = asLayer(value)
  const group = groupOf(inventory, name)
  Object.assign(group.vars, asLayer(vars))
  for (const [pattern, own] of named(hosts)) addHosts(inventory, name, expandHosts(pattern), asLayer(own))
  for (const [child, inner] of named(children)) {
    group.children.add(child)
    readGroup(inventory, child, inner, file, depth + 1)
  }
}

/** A mapping, or a list of names as `ansible-inventory --list` writes it. */
function named(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.filter(one => typeof one === 'string').map(one => [one, null])
  return Object.entries(asLayer(value))
}

function invalid(message: string): UsageError {
  return new UsageError(message, {
    code: 'ANSIBLE_INVALID',
    hint: 'If Ansible reads it, hand exroll what Ansible made of it: ansible-inventory -i FILE --list --yaml > plain.yml',
  })
}
