import { UsageError } from '../../errors.js'
import type { Discovery } from '../model.js'
import { readIni } from './ini.js'
import { ansibleDiscovery } from './servers.js'
import { addVarsFiles, type VarsFile } from './vars-files.js'
import { readYaml } from './yaml.js'

/**
 * The Exchange servers of an Ansible inventory in YAML, INI or JSON; which, the name's end says, or else the text. `file` is for messages, `vars` is what lies beside it. Throws `UsageError`
 * ANSIBLE_SCRIPT for a dynamic one, ANSIBLE_INVALID, ANSIBLE_RANGE.
 */
export function readAnsible(text: string, file: string, vars: readonly VarsFile[] = []): Discovery {
  const bare = text.replace(/^\uFEFF/, '')
  if (bare.startsWith('#!') || bare.includes('\0')) {
    throw new UsageError(`${file} is a program that makes an inventory, not one.`, {
      code: 'ANSIBLE_SCRIPT',
      hint: 'Let Ansible run it: ansible-inventory -i FILE --list --yaml > plain.yml, then --ansible plain.yml',
    })
  }
  const inventory = isYaml(bare, file) ? readYaml(bare, file) : readIni(bare, file)
  const vaults = addVarsFiles(inventory, vars)
  const { notes, ...found } = ansibleDiscovery(inventory, file)
  return { ...found, notes: [...vaults.map(vault => `${vault} is a vault and was not read.`), ...notes] }
}

function isYaml(text: string, file: string): boolean {
  if (/\.(?:ya?ml|json)$/i.test(file)) return true
  if (/\.(?:ini|cfg)$/i.test(file)) return false
  const first = text.split(/\r?\n/).find(line => !/^\s*(?:[#;].*)?$/.test(line)) ?? ''
  return /^(?:---|\{|[\w-]+:\s*(?:#.*)?$)/.test(first)
}
