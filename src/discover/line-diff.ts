import { structuredPatch } from 'diff'

/** Lines of a difference as `diff -u` prints them, without its head: `@@`, then ` `, `-` and `+` lines. Empty when nothing differs. */
export function lineDiff(before: string, after: string): string[] {
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, { context: 2 })
  return hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.map(line => line.replace(/\r$/, '')),
  ])
}
