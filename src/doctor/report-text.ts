import type { Examination } from './examine.js'

const marks = { ok: 'ok     ', note: 'note   ', failed: 'FAILED ', skipped: '-      ' } as const

/** An examination as lines for a terminal. */
export function examinationLines({ server, where, transport, hops }: Examination): string[] {
  const width = Math.max(...hops.map(({ hop }) => hop.length))
  const lines = [`${server} (${where}, ${transport})`]
  for (const { hop, outcome, ms, found, code, fix } of hops) {
    const time = outcome === 'skipped' ? '' : `${ms} ms`
    lines.push(
      `  ${marks[outcome]}${hop.padEnd(width)} ${time.padStart(8)}  ${found}${code === undefined ? '' : ` [${code}]`}`,
    )
    if (fix !== undefined) lines.push(`${' '.repeat(11 + width)}        -> ${fix}`)
  }
  return lines
}
