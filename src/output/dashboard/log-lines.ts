import type { LogLine, Model } from './model.js'

/** What there is of a server's log: the followed lines, else the pulled log. */
export function logOf({ logs, pulled }: Pick<Model, 'logs' | 'pulled'>, server: string): readonly LogLine[] {
  return logs.get(server) ?? pulled.get(server)?.lines ?? []
}

/** Index of the first line at or after `from` that holds `text`, going round once; -1 if none does. */
export function findInLog(lines: readonly LogLine[], text: string, from: number): number {
  const wanted = text.toLowerCase()
  if (wanted === '') return -1
  for (let step = 0; step < lines.length; step++) {
    const index = (from + step) % lines.length
    if (lines[index]?.text.toLowerCase().includes(wanted)) return index
  }
  return -1
}
