/** PowerShell that stands in a literal as it is. */
export class Statement {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A value as PowerShell source: numbers are [long], as the Windows calls give them; objects keep their order. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return '$null'
  if (value instanceof Statement) return value.text
  if (typeof value === 'boolean') return value ? '$true' : '$false'
  if (typeof value === 'number') return `[long]${value}`
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (Array.isArray(value)) return `@(${value.map(item => `,${literal(item)}`).join(' + ')})`
  const members = Object.entries(value as object).map(([key, item]) => `${literal(key)} = ${literal(item)}`)
  return `[ordered]@{ ${members.join('; ')} }`
}
