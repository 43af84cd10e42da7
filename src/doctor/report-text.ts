import type { Examination } from './examine.js'
import type { Hop } from './hop.js'

const marks = { ok: 'ok     ', note: 'note   ', failed: 'FAILED ', skipped: '-      ' } as const

/** An examination as lines for a terminal. */
export function examinationLines({ server, where, transport, hops }: Examination): string[] {
  return [`${server} (${where}, ${transport})`, ...hopLines(hops)]
}

export function hopLines(hops: readonly Hop[]): string[] {
  const width = Math.max(...hops.map(({ hop }) => hop.length))
  return hops.flatMap(({ hop, outcome, ms, found, code, fix }) => {
    const time = outcome === 'skipped' ? '' : `${ms} ms`
    const line = `  ${marks[outcome]}${hop.padEnd(width)} ${time.padStart(8)}  ${found}${code === undefined ? '' : ` [${code}]`}`
    return fix === undefined ? [line] : [line, `${' '.repeat(19 + width)}-> ${fix}`]
  })
}
