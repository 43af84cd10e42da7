import { UsageError } from '../../errors.js'
import { expandHosts } from './host-range.js'
import { type AnsibleInventory, addHosts, emptyInventory, groupOf } from './model.js'
import { splitWords } from './words.js'

type Section = { group: string; kind: 'hosts' | 'children' | 'vars' }

/**
 * An Ansible inventory in INI form: hosts with `key=value` behind them, `[group]`, `[group:children]`, `[group:vars]`, ranges, `host:port`
 * (ansible-core, plugins/inventory/ini.py describes the form). Hosts before any section are `ungrouped`. Throws `UsageError` ANSIBLE_INVALID with the
 * line, ANSIBLE_RANGE.
 */
export function readIni(text: string, file: string): AnsibleInventory {
  const inventory = emptyInventory()
  let section: Section = { group: 'ungrouped', kind: 'hosts' }
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const line = written.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const fail = (what: string) => invalid(`${file}:${index + 1}: ${what}`)
    const opened = openSection(line)
    if (opened !== undefined) {
      section = opened
      groupOf(inventory, section.group)
    } else if (line.startsWith('[') && !/^\[(?:\d+|[a-zA-Z]|[0-9a-fA-F]*):/.test(line))
      throw fail('this is no section and no host')
    else if (!readLine(inventory, section, line)) throw fail(expected[section.kind])
  }
  return inventory
}

const expected = {
  hosts: 'a host and key=value pairs were expected here',
  children: 'the name of a group was expected here',
  vars: 'key=value was expected here',
}

function openSection(line: string): Section | undefined {
  const [, group, kind] = /^\[([^:\]]+)(?::(\w+))?\]\s*(?:[#;].*)?$/.exec(line) ?? []
  if (group === undefined) return undefined
  if (kind === undefined || kind === 'hosts') return { group: group.trim(), kind: 'hosts' }
  return kind === 'children' || kind === 'vars' ? { group: group.trim(), kind } : undefined
}

/** False when the line is not what its section holds. */
function readLine(inventory: AnsibleInventory, { group, kind }: Section, line: string): boolean {
  if (kind === 'vars') {
    const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
    if (key === undefined) return false
    groupOf(inventory, group).vars[key] = unquoted(value ?? '')
    return true
  }
  const [first, ...rest] = splitWords(line) ?? []
  if (first === undefined) return false
  if (kind === 'children') {
    groupOf(inventory, group).children.add(first)
    groupOf(inventory, first)
    return rest.length === 0
  }
  const pairs = rest.map(word => /^([^=]+)=(.*)$/s.exec(word))
  if (pairs.includes(null)) return false
  const vars = Object.fromEntries(pairs.flatMap(pair => (pair?.[1] === undefined ? [] : [[pair[1], pair[2]]])))
  const { pattern, port } = withoutPort(first)
  addHosts(inventory, group, expandHosts(pattern), port === undefined ? vars : { ansible_port: port, ...vars })
  return true
}

/** `host:2222`; the colons of a range and of an IPv6 address without brackets are none of a port. */
function withoutPort(word: string): { pattern: string; port?: string } {
  const [, bracketed, its] = /^\[((?:[0-9a-fA-F]*:){2,}[0-9a-fA-F.]*)\]:(\d+)$/.exec(word) ?? []
  if (bracketed !== undefined && its !== undefined) return { pattern: bracketed, port: its }
  const [, host, port] = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(word) ?? []
  return host === undefined || port === undefined ? { pattern: word } : { pattern: host, port }
}

/** The values of a `:vars` section go to the end of the line. */
function unquoted(value: string): string {
  const [, , inside] = /^(["'])(.*)\1$/s.exec(value.trim()) ?? []
  return inside ?? value.replace(/\s+#.*$/, '').trim()
}

function invalid(message: string): UsageError {
  return new UsageError(`${message}.`, {
    code: 'ANSIBLE_INVALID',
    hint: 'If Ansible reads it, hand exroll what Ansible made of it: ansible-inventory -i FILE --list --yaml > plain.yml',
  })
}
