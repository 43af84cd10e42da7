import { UsageError } from '../../errors.js'
import type { Discovery } from '../model.js'
import { readIni } from './ini.js'
import { ansibleDiscovery } from './servers.js'
import { readYaml } from './yaml.js'

/**
 * The Exchange servers of an Ansible inventory in YAML, INI or JSON; which, the name's end says, or else the text. `file` is for messages. Throws `UsageError`
 * ANSIBLE_SCRIPT for a dynamic one, ANSIBLE_INVALID, ANSIBLE_RANGE.
 */
export function readAnsible(text: string, file: string): Discovery {
  const bare = text.replace(/^\uFEFF/, '')
  if (bare.startsWith('#!') || bare.includes('\0')) {
    throw new UsageError(`${file} is a program that makes an inventory, not one.`, {
      code: 'ANSIBLE_SCRIPT',
      hint: 'Let Ansible run it: ansible-inventory -i FILE --list --yaml > plain.yml, then --ansible plain.yml',
    })
  }
  const inventory = isYaml(bare, file) ? readYaml(bare, file) : readIni(bare, file)
  return ansibleDiscovery(inventory, file)
}

function isYaml(text: string, file: string): boolean {
  if (/\.(?:ya?ml|json)$/i.test(file)) return true
  if (/\.(?:ini|cfg)$/i.test(file)) return false
  const first = text.split(/\r?\n/).find(line => !/^\s*(?:[#;].*)?$/.test(line)) ?? ''
  return /^(?:---|\{|[\w-]+:\s*(?:#.*)?$)/.test(first)
}
