import type { HostFiles } from '../model.js'
import { baseName, parentFolder } from './windows-path.js'

export interface Entry {
  name: string
  folder: boolean
  bytes: number
  modified: Date
}

/** A folder and those of its entries that a path or a pattern (`*`, `?`) names; undefined when there is none. */
export function findEntries(files: HostFiles, path: string): { folder: string; entries: Entry[] } | undefined {
  if (files.stat(path)?.folder) return { folder: path, entries: files.list(path) }
  const folder = parentFolder(path)
  if (!files.stat(folder)?.folder) return undefined
  const pattern = globPattern(baseName(path))
  const entries = files.list(folder).filter(entry => pattern.test(entry.name))
  return entries.length === 0 ? undefined : { folder, entries }
}

/**
 * A listing in the words and columns of cmd.exe's `dir`, times in UTC. How much of the volume is free is not said: an
 * endpoint sees files only.
 */
export function formatFolder(folder: string, entries: readonly Entry[], whole: boolean): string {
  const lines = [` Volume in drive ${folder.slice(0, 1)} has no label.`, '', ` Directory of ${folder}`, '']
  if (whole && folder.length > 3) {
    const modified = new Date(Math.max(0, ...entries.map(entry => entry.modified.getTime())))
    for (const name of ['.', '..']) lines.push(formatEntry({ name, folder: true, bytes: 0, modified }))
  }
  for (const entry of entries) lines.push(formatEntry(entry))
  const found = entries.filter(entry => !entry.folder)
  const bytes = found.reduce((sum, entry) => sum + entry.bytes, 0)
  lines.push(`${String(found.length).padStart(16)} File(s) ${grouped(bytes).padStart(14)} bytes`)
  lines.push(`${String(entries.length - found.length).padStart(16)} Dir(s)`)
  return `${lines.join('\r\n')}\r\n`
}

export function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
  return new RegExp(`^${glob === '*.*' ? '.*' : source}$`, 'i')
}

function formatEntry(entry: Entry): string {
  const size = entry.folder ? '<DIR>         ' : grouped(entry.bytes).padStart(14)
  return `${formatTime(entry.modified)}    ${size} ${entry.name}`
}

function formatTime(time: Date): string {
  const [date = '', clock = ''] = time.toISOString().split('T')
  const [year, month, day] = date.split('-')
  const hour = Number(clock.slice(0, 2))
  const half = hour < 12 ? 'AM' : 'PM'
  return `${month}/${day}/${year}  ${String(hour % 12 || 12).padStart(2, '0')}:${clock.slice(3, 5)} ${half}`
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}
