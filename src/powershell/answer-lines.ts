import type { z } from 'zod'

/** The lines of a script's own in what a PowerShell printed: NDJSON of that schema. Banners, warnings and what a profile prints are left out. Pure. */
export function answerLines<T>(output: string, schema: z.ZodType<T>): T[] {
  return output.split(/\r?\n/).flatMap(line => {
    if (!line.startsWith('{')) return []
    const { data } = schema.safeParse(parsed(line))
    return data === undefined ? [] : [data]
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
