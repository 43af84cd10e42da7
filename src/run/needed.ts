/** What an earlier step must have found. Throws: steps out of order are a bug in exroll, not a failed server. */
export function needed<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`${what} must be known by now`)
  return value
}
