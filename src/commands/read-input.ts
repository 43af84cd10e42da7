import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { UsageError } from '../errors.js'
import { mostBytes } from '../input/document.js'
import { inputError } from '../input/problem.js'
import type { Inventory } from '../inventory/model.js'
import { parseInventory } from '../inventory/parse.js'
import type { Playbook } from '../playbook/model.js'
import { parsePlaybook } from '../playbook/parse.js'

/** The inventory in the file at `path`. Throws `UsageError`: `INPUT_MISSING`, `INPUT_UNREADABLE`, or `InputError` with all that is wrong in it. */
export function readInventory(path: string): Inventory {
  const file = resolve(path)
  return parseInventory(readText(file, 'inventory'), file, { home: homedir() })
}

/** The text of the inventory at `path`, after it was found right. Throws as `readInventory` does. */
export function readInventoryText(path: string): { file: string; text: string } {
  const file = resolve(path)
  const text = readText(file, 'inventory')
  parseInventory(text, file, { home: homedir() })
  return { file, text }
}

/** The text of the playbook at `path`, as it is. Throws as `readInventory` does. */
export function readPlaybookText(path: string): string {
  return readText(resolve(path), 'playbook')
}

/** The playbook in the file at `path`, changed by `--set key=value` and `--allow BLOCK[@server]`. Throws as `readInventory` does. */
export function readPlaybook(path: string, { set, allow }: { set: string[]; allow: string[] }): Playbook {
  const file = resolve(path)
  return parsePlaybook(readText(file, 'playbook'), file, { set, allow })
}

function readText(file: string, kind: 'inventory' | 'playbook'): string {
  const bytes = readBytes(file, kind)
  // A larger file is refused by its size, whatever it holds.
  if (bytes.length > mostBytes) return bytes.toString('latin1')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
    const message = utf16 ? 'the file is UTF-16, as > of Windows PowerShell writes it' : 'the file is not UTF-8'
    const instead = utf16 ? 'it as UTF-8: Set-Content -Encoding UTF8' : 'it as UTF-8'
    throw inputError(file, '', [{ code: 'NOT_UTF8', line: 1, column: 1, width: 1, message, instead }])
  }
}

function readBytes(file: string, kind: 'inventory' | 'playbook'): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const hint =
        kind === 'inventory'
          ? 'exroll lab up --inventory-out FILE makes one to try; inventory/example.yaml shows what goes into it.'
          : 'The ready ones are in playbooks/, such as playbooks/apply-rollup.yaml.'
      throw new UsageError(`There is no ${kind} ${file}.`, { code: 'INPUT_MISSING', hint, cause })
    }
    throw new UsageError(`The ${kind} ${file} cannot be read (${code === 'EISDIR' ? 'it is a folder' : code}).`, {
      code: 'INPUT_UNREADABLE',
      hint: 'Name a YAML file that you may read.',
      cause,
    })
  }
}
