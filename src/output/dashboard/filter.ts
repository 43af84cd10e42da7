import type { ServerState } from '../../events/state.js'
import { causeOf, standingOf } from './fleet.js'

/**
 * Whether a server passes a filter: words that must all hold, each a part of the name or of the cause, `state:`, `role:` or
 * `batch:` with a beginning, and `!` before any of them for the opposite. An empty filter lets everything pass.
 */
export function matchesFilter(server: ServerState, filter: string): boolean {
  return filter
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '' && word !== '!')
    .every(word => (word.startsWith('!') ? !holds(server, word.slice(1)) : holds(server, word)))
}

function holds(server: ServerState, word: string): boolean {
  const [, field, value = ''] = /^(state|role|batch):(.*)$/.exec(word) ?? []
  switch (field) {
    case 'state':
      return standingOf(server).startsWith(value)
    case 'role':
      return server.roles.some(role => role.toLowerCase().startsWith(value))
    case 'batch':
      return value === '' || String(server.batch) === value
    default:
      return server.name.toLowerCase().includes(word) || (causeOf(server)?.id.toLowerCase().includes(word) ?? false)
  }
}
