import { InputError } from '../../src/input/problem.js'
import type { Inventory } from '../../src/inventory/model.js'
import { parseInventory } from '../../src/inventory/parse.js'

export const file = '/fleet/inventory.yaml'

/** An inventory around the given servers, each a YAML flow mapping. */
export function inventoryText(servers: string[], top = ''): string {
  return [
    "credentials: { exadmin: { username: 'CONTOSO\\exadmin', password: { env: EXROLL_PASSWORD } } }",
    top || 'defaults: { credential: exadmin, roles: [mailbox] }',
    'servers:',
    ...servers.map(server => `  - ${server}`),
    '',
  ].join('\n')
}

export function parse(servers: string[], top?: string): Inventory {
  return parseInventory(inventoryText(servers, top), file, { home: '/home/op' })
}

/** What is wrong with a text, as `CODE line:column`, in the order of the file. */
export function problemsOf(text: string): string[] {
  return thrown(text).problems.map(({ code, line, column }) => `${code} ${line}:${column}`)
}

export function thrown(text: string): InputError {
  try {
    parseInventory(text, file)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  throw new Error('nothing is wrong with this inventory')
}
