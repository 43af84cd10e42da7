import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { VarsFile } from '../discover/ansible/vars-files.js'

/**
 * The files of `group_vars/` and `host_vars/` beside an inventory, in the order in which they hold: `NAME`, `NAME.yml`, and all within `NAME/` (Ansible guide,
 * "Organizing host and group variables").
 */
export function readVarsFiles(inventory: string): VarsFile[] {
  return (['group', 'host'] as const).flatMap(of => {
    const folder = join(dirname(inventory), `${of}_vars`)
    return namesIn(folder).flatMap(name => {
      const within = namesIn(join(folder, name)).filter(inner => /^[^.]+(?:\.(?:ya?ml|json))?$/.test(inner))
      return [join(folder, name), ...within.map(inner => join(folder, name, inner))]
        .filter(file => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
        .map(file => ({ of, name: basename(name), file, text: readFileSync(file, 'utf8') }))
    })
  })
}

/** Empty where there is no such folder. Hidden files and those that editors leave are none of it. */
function namesIn(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder)
    .filter(name => !/^\.|~$/.test(name))
    .sort()
}
