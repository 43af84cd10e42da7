import type { LabServer } from '../../../src/lab/world/lab-server.js'
import type { ScriptProgress } from '../../../src/scripts/catalog.js'
import type { Answer } from './contract-server.js'

/** Members whose value is a moment or a duration of this very server. */
const moments = new Set(['at', 'now', 'uptimeMs', 'quietMs'])

/** One call of the story and its answer. */
export interface Told {
  call: string
  answer: Answer
  progress?: ScriptProgress[]
}

/**
 * A call and its answer without what cannot be the same twice: moments, and hashes of files with moments in them, which have to be the
 * hash that the file has now. Paths may be written with either slash. Everything else is left as it was answered.
 */
export function comparable({ call, answer, progress }: Told, server: LabServer): unknown {
  const value = (item: unknown, key: string, parent: Record<string, unknown>): unknown => {
    if (moments.has(key)) return typeof item
    if (Array.isArray(item)) {
      return ordered(
        key,
        item.map((one, index) => value(one, String(index), {})),
      )
    }
    if (typeof item === 'object' && item !== null) {
      const record = item as Record<string, unknown>
      return Object.fromEntries(Object.entries(record).map(([name, one]) => [name, value(one, name, record)]))
    }
    if (typeof item !== 'string') return item
    if (key === 'sha256' && typeof parent.path === 'string') {
      return item === server.files.sha256(parent.path) ? 'the hash of the file' : item
    }
    return withoutMoments(item.replaceAll('/', '\\'))
  }
  return {
    call,
    answer: value(answer, '', {}),
    ...(progress === undefined ? {} : { progress: value(progress, '', {}) }),
  }
}

/** Folders are listed in the order of the disk. */
function ordered(key: string, items: unknown[]): unknown[] {
  if (key === 'leftoverState' || key === 'moved') return [...items].sort()
  if (key !== 'runs' && key !== 'packages') return items
  return items
    .map(item => {
      // How the two engines write a snapshot down is theirs.
      const { bytes: _, ...rest } = item as Record<string, unknown>
      return rest
    })
    .sort((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)))
}

function withoutMoments(text: string): string {
  return text.replace(/\d{1,2}\/\d{1,2}\/\d{4}\s+/g, '').replace(/\d\d?:\d\d:\d\d(?::\d{3})?/g, 'hh:mm:ss')
}
