import { UsageError } from '../../errors.js'

/** More hosts than this out of one pattern are a slip of the pen, not a fleet. */
const mostHosts = 10_000

const range = /\[(\d+|[a-zA-Z]):(\d+|[a-zA-Z])(?::(\d+))?\]/

/**
 * The host names of a pattern: `mbx[01:12].contoso.com`, `db-[a:f]`, `www[01:50:2]`, also several ranges in one (Ansible guide, "Adding ranges of
 * hosts"). Leading zeros set the width. Throws `UsageError` ANSIBLE_RANGE.
 */
export function expandHosts(pattern: string): string[] {
  const found = range.exec(pattern)
  if (found === null) return [pattern]
  const [whole, first = '', last = '', step = '1'] = found
  const before = pattern.slice(0, found.index)
  const rest = expandHosts(pattern.slice(found.index + whole.length))
  const values = valuesOf(first, last, Number(step))
  if (values === undefined) throw invalid(pattern, `${whole} is no range`)
  if (values.length * rest.length > mostHosts) throw invalid(pattern, `it stands for more than ${mostHosts} hosts`)
  return values.flatMap(value => rest.map(tail => `${before}${value}${tail}`))
}

function valuesOf(first: string, last: string, step: number): string[] | undefined {
  const numeric = /^\d/.test(first)
  if (numeric !== /^\d/.test(last) || step < 1) return undefined
  const from = numeric ? Number(first) : first.charCodeAt(0)
  const to = numeric ? Number(last) : last.charCodeAt(0)
  if (from > to || (numeric && first.startsWith('0') && first.length > 1 && first.length !== last.length))
    return undefined
  const count = Math.min(Math.floor((to - from) / step) + 1, mostHosts + 1)
  const width = numeric && first.startsWith('0') ? first.length : 0
  return Array.from({ length: count }, (_, index) => {
    const value = from + index * step
    return numeric ? String(value).padStart(width, '0') : String.fromCharCode(value)
  })
}

function invalid(pattern: string, why: string): UsageError {
  return new UsageError(`The host pattern ${pattern} cannot be written out: ${why}.`, {
    code: 'ANSIBLE_RANGE',
    hint: 'A range is [01:12], [a:f] or [01:12:2], low to high; with leading zeros both ends have the same width.',
  })
}
