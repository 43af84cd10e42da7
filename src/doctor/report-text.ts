import { wrap } from '../diagnosis/wrap.js'
import { terminalText } from '../output/terminal-text.js'
import type { Examination } from './examine.js'
import type { ExaminedWays } from './examine-ways.js'
import type { Hop } from './hop.js'

const marks = { ok: 'ok     ', note: 'note   ', failed: 'FAILED ', skipped: '-      ' } as const

/** An examination as lines for a terminal of `width` columns; without one each is as long as it is. */
export function examinationLines({ server, where, transport, hops }: Examination, width?: number): string[] {
  return [`${server} (${where}, ${transport})`, ...hopLines(hops, width)]
}

/** The ways of `transport: auto`, and which of them it takes. */
export function examinedWaysLines({ ways, chosen }: ExaminedWays, width?: number): string[] {
  const refused = ways.at(-1)?.refused === true
  const end = refused
    ? 'transport: auto stops here: a refused credential is not tried another way'
    : 'transport: auto finds no way that works'
  const lines = ways.flatMap(way => examinationLines(way, width))
  return [...lines, chosen === null ? end : `transport: auto takes ${chosen}`]
}

export function hopLines(hops: readonly Hop[], width = Number.POSITIVE_INFINITY): string[] {
  const names = Math.max(...hops.map(({ hop }) => hop.length))
  const margin = 19 + names
  return hops.flatMap(({ hop, outcome, ms, found, code, fix }) => {
    const time = outcome === 'skipped' ? '' : `${ms} ms`
    const head = `  ${marks[outcome]}${hop.padEnd(names)} ${time.padStart(8)}  `
    const [first = '', ...more] = lines(`${found}${code === undefined ? '' : ` [${code}]`}`, width, margin)
    return [head + first.trimStart(), ...more, ...(fix === undefined ? [] : fixLines(fix, width, margin))]
  })
}

/** What is to be typed stands on lines of its own; where they are short, further to the left. */
function fixLines(fix: string, width: number, margin: number): string[] {
  const indent = width < 120 ? 9 : margin
  const [first = '', ...more] = fix.split('\n').flatMap(line => lines(line, width, indent + 3))
  return [`${' '.repeat(indent)}-> ${first.trimStart()}`, ...more]
}

function lines(text: string, width: number, indent: number): string[] {
  return Number.isFinite(width)
    ? wrap(text, { width, indent, safe: terminalText })
    : [`${' '.repeat(indent)}${text.trim()}`]
}
