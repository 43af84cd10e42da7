import type { InstallProgress } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { logPath, logQuietMs } from './job-state.js'

/** Lines of the log that one look shows at most (catalog.ts). */
const mostLines = 40
/** How far back the last `Action start` is looked for when the new part of the log has none. */
const lookBackBytes = 128 * 1024

/** What is new in the run's verbose log since `offset` bytes and `line` whole lines; null before there is one. UTF-16LE. */
export function readLogTail(server: LabServer, run: string, offset: number, line: number): InstallProgress['log'] {
  const path = logPath(server, run)
  const bytes = path === null ? undefined : server.files.stat(path)?.bytes
  if (path === null || bytes === undefined) return null
  // A log that is shorter than what was read of it has begun anew.
  const from = offset > bytes ? { offset: 0, line: 0 } : { offset, line }
  const text = server.files.readFrom(path, from.offset).toString('utf16le')
  const end = text.lastIndexOf('\n') + 1
  const lines = text.slice(0, end).split('\n').slice(0, -1)
  const last = from.line + lines.length
  const newest = lines.slice(-mostLines)
  return {
    bytes,
    offset: from.offset + 2 * end,
    line: last,
    tail: newest.map((newLine, index) => ({
      line: last - newest.length + index + 1,
      text: newLine.replace(/^\uFEFF/, '').replace(/\r$/, ''),
    })),
    action: lastAction(text) ?? lastAction(textBefore(server, path, from.offset)),
    quietMs: Math.floor(logQuietMs(server, run) ?? 0),
  }
}

function textBefore(server: LabServer, path: string, offset: number): string {
  if (offset === 0) return ''
  // From an even byte on, or every character would be torn.
  const start = Math.max(0, offset - lookBackBytes) & ~1
  return server.files
    .readFrom(path, start)
    .subarray(0, offset - start)
    .toString('utf16le')
}

/** `Action start 16:40:52: InstallFiles.` (msi-log-format.md). */
function lastAction(text: string): string | null {
  const at = text.lastIndexOf('Action start ')
  if (at < 0) return null
  const name = /^Action start \d{1,2}:\d\d:\d\d: ([^\r\n]+?)\.?\r?\n/.exec(text.slice(at, at + 200))?.[1]
  if (name !== undefined) return name
  return at === 0 ? null : lastAction(text.slice(0, at))
}
