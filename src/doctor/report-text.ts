import type { Examination } from './examine.js'
import type { ExaminedWays } from './examine-ways.js'
import type { Hop } from './hop.js'

const marks = { ok: 'ok     ', note: 'note   ', failed: 'FAILED ', skipped: '-      ' } as const

/** An examination as lines for a terminal. */
export function examinationLines({ server, where, transport, hops }: Examination): string[] {
  return [`${server} (${where}, ${transport})`, ...hopLines(hops)]
}

/** The ways of `transport: auto`, and which of them it takes. */
export function examinedWaysLines({ ways, chosen }: ExaminedWays): string[] {
  const refused = ways.at(-1)?.refused === true
  const end = refused
    ? 'transport: auto stops here: a refused credential is not tried another way'
    : 'transport: auto finds no way that works'
  return [...ways.flatMap(examinationLines), chosen === null ? end : `transport: auto takes ${chosen}`]
}

export function hopLines(hops: readonly Hop[]): string[] {
  const width = Math.max(...hops.map(({ hop }) => hop.length))
  return hops.flatMap(({ hop, outcome, ms, found, code, fix }) => {
    const time = outcome === 'skipped' ? '' : `${ms} ms`
    const line = `  ${marks[outcome]}${hop.padEnd(width)} ${time.padStart(8)}  ${found}${code === undefined ? '' : ` [${code}]`}`
    if (fix === undefined) return [line]
    const [first = '', ...more] = fix.split('\n')
    const margin = ' '.repeat(19 + width)
    return [line, `${margin}-> ${first}`, ...more.map(text => `${margin}   ${text}`)]
  })
}
