import { UsageError } from '../errors.js'
import { didYouMean } from '../input/near.js'
import { type Inventory, type InventoryServer, roles } from './model.js'

const kinds = ['role', 'site', 'group', 'cluster'] as const
type Kind = (typeof kinds)[number] | 'name'

interface Term {
  negated: boolean
  kind: Kind
  word: string
}

/**
 * The servers that a `--limit` pattern selects, in the order of the inventory: names and globs (`*`, `?`, `[0-9]`), `role:`,
 * `site:`, `group:`, `cluster:`, `!` negates, comma is "or", `&` is "and" and binds closer. Case does not count.
 *
 * Throws `UsageError`: `LIMIT_INVALID` for a pattern that is not one, `LIMIT_EMPTY` when it selects nothing or names what is not in the
 * inventory, as a misspelt name would silently leave a server out.
 */
export function selectServers({ servers }: Inventory, pattern: string): InventoryServer[] {
  const alternatives = pattern.split(',').map(part => part.split('&').map(text => parseTerm(text, pattern)))
  for (const term of alternatives.flat()) refuseUnknown(term, servers)
  const selected = servers.filter(server =>
    alternatives.some(terms => terms.every(term => matches(term, server) !== term.negated)),
  )
  if (selected.length > 0) return selected
  throw new UsageError(`--limit ${pattern} selects none of the ${servers.length} servers.`, {
    code: 'LIMIT_EMPTY',
    hint: 'exroll inventory list FILE --limit PATTERN shows what a pattern selects. Comma is "or", & is "and".',
  })
}

function parseTerm(text: string, pattern: string): Term {
  const [, marks = '', rest = ''] = /^\s*((?:!\s*)*)(.*?)\s*$/s.exec(text) ?? []
  const negated = marks.replaceAll(/\s/g, '').length % 2 === 1
  if (rest === '')
    throw invalid(`--limit "${pattern}" has an empty part.`, 'Name a server, or leave --limit out for all of them.')
  const colon = rest.indexOf(':')
  if (colon < 0) return { negated, kind: 'name', word: rest }
  const prefix = rest.slice(0, colon).trim().toLowerCase()
  const word = rest.slice(colon + 1).trim()
  const kind = kinds.find(known => known === prefix)
  if (kind === undefined) {
    const near = didYouMean(prefix, kinds)
    throw invalid(
      `--limit ${rest}: there is no "${prefix}:"${near === undefined ? '' : `, did you mean "${near}:"?`}`,
      'A name, a glob, role:, site:, group: or cluster:.',
    )
  }
  if (word === '') throw invalid(`--limit ${rest}: nothing stands after "${prefix}:".`, exampleOf(kind))
  if (kind === 'role' && !isGlob(word) && !roles.some(role => role === word.toLowerCase())) {
    const near = didYouMean(word, roles)
    throw invalid(
      `--limit ${rest}: there is no role "${word}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
      `Roles: ${roles.join(', ')}.`,
    )
  }
  return { negated, kind, word }
}

function exampleOf(kind: Kind): string {
  return { name: 'ex-cas-*', role: 'role:cas', site: 'site:London', group: 'group:london', cluster: 'cluster:CMS1' }[
    kind
  ]
}

function invalid(message: string, hint: string): UsageError {
  return new UsageError(message, { code: 'LIMIT_INVALID', hint })
}

function isGlob(word: string): boolean {
  return /[*?[]/.test(word)
}

function valuesOf(kind: Kind, server: InventoryServer): readonly string[] {
  switch (kind) {
    case 'name':
      return [server.name]
    case 'role':
      return server.roles
    case 'site':
      return server.site === undefined ? [] : [server.site]
    case 'group':
      return server.groups
    case 'cluster':
      return server.cluster === undefined ? [] : [server.cluster.name]
  }
}

function matches({ kind, word }: Term, server: InventoryServer): boolean {
  const fits = isGlob(word)
    ? (value: string) => globToRegExp(word).test(value)
    : (value: string) => value.toLowerCase() === word.toLowerCase()
  return valuesOf(kind, server).some(fits)
}

function globToRegExp(glob: string): RegExp {
  const source = glob.replace(/\[([^\]\\]+)\]|[\s\S]/g, (one, inside?: string) => {
    if (inside !== undefined) return `[${inside.replace(/[\^[]/g, '\\$&')}]`
    if (one === '*') return '.*'
    return one === '?' ? '.' : one.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  })
  try {
    return new RegExp(`^${source}$`, 'is')
  } catch {
    throw invalid(`--limit ${glob}: the range in [ ] runs backwards.`, 'ex-mbx-0[1-4]')
  }
}

function refuseUnknown({ kind, word }: Term, servers: readonly InventoryServer[]): void {
  // A role that no server has, and a glob, may well match nothing without being a slip.
  if (kind === 'role' || isGlob(word)) return
  const known = [...new Set(servers.flatMap(server => valuesOf(kind, server)))]
  if (known.some(value => value.toLowerCase() === word.toLowerCase())) return
  const near = didYouMean(word, known)
  const what = kind === 'name' ? 'server' : kind
  throw new UsageError(
    `--limit ${word}: there is no ${what} "${word}" in the inventory${near === undefined ? '' : `, did you mean "${near}"?`}`,
    { code: 'LIMIT_EMPTY', hint: `exroll inventory list FILE lists what is there.` },
  )
}
