import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import type { LogFile } from '../diagnosis/diagnose.js'
import { UsageError } from '../errors.js'

/** Endings of logs in a folder; a file that is named itself may have any. */
const endings = new Set(['.log', '.txt', '.msilog', '.xml', '.csv', '.tsv'])

/** What cannot be read as it is, and what to make of it. */
const refused: Record<string, string> = {
  '.zip': 'Unpack it and name the folder.',
  '.cab': 'Unpack it (expand -F:* FILE FOLDER) and name the folder.',
  '.evtx': 'Export it as text: wevtutil query-events FILE /lf:true /f:xml > events.xml',
  '.evt': 'Export it as text with the Event Viewer (Save As, CSV).',
}

interface Trouble {
  path: string
  why: string
}

/**
 * The log files that `paths` name, relative to `cwd`: files as they are, folders with all the logs below them, in the order of their
 * names, each once. Throws `UsageError` with everything that is wrong at once: `LOG_MISSING`, `LOG_UNREADABLE`, `NOT_AVAILABLE`.
 */
export function readLogFiles(paths: readonly string[], cwd: string): LogFile[] {
  if (paths.includes('-')) {
    throw new UsageError('Reading a log from standard input is not part of this version.', {
      code: 'NOT_AVAILABLE',
      hint: 'Write it to a file and name that: exroll diagnose FILE.',
    })
  }
  const troubles: Trouble[] = []
  const found = new Map<string, LogFile>()
  for (const path of paths) {
    try {
      for (const file of filesOf(path, cwd)) {
        const own = resolve(cwd, file)
        if (!found.has(own)) found.set(own, { path: file, bytes: readFileSync(own) })
      }
    } catch (error) {
      troubles.push({ path, why: whyOf(error, path) })
    }
  }
  if (troubles.length > 0) throw unreadable(troubles)
  return [...found.values()]
}

class NotALog extends Error {}

function filesOf(path: string, cwd: string): string[] {
  const own = resolve(cwd, path)
  const stats = statSync(own)
  if (stats.isDirectory()) {
    const files = logsBelow(path, own)
    if (files.length === 0) throw new NotALog(`no log is in it (${[...endings].join(' ')})`)
    return files
  }
  if (!stats.isFile()) throw new NotALog('it is no file')
  const hint = refused[extname(path).toLowerCase()]
  if (hint !== undefined) throw new NotALog(`${extname(path)} files are not read by this version. ${hint}`)
  return [path]
}

/** Links are not followed, so that a folder that holds itself ends. */
function logsBelow(path: string, own: string): string[] {
  const entries = readdirSync(own, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap(entry => {
    if (entry.isDirectory()) return logsBelow(join(path, entry.name), join(own, entry.name))
    return entry.isFile() && endings.has(extname(entry.name).toLowerCase()) ? [join(path, entry.name)] : []
  })
}

function whyOf(error: unknown, path: string): string {
  if (error instanceof NotALog) return error.message
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return `it cannot be read (${code})`
  return /[*?]/.test(basename(path))
    ? 'there is no such file; exroll leaves patterns to the shell'
    : 'there is no such file'
}

function unreadable(troubles: readonly Trouble[]): UsageError {
  const missing = troubles.every(({ why }) => why.startsWith('there is no such'))
  return new UsageError(troubles.map(({ path, why }) => `${path}: ${why}`).join('\n       '), {
    code: missing ? 'LOG_MISSING' : 'LOG_UNREADABLE',
    hint: 'Name log files, or folders of them: exroll diagnose C:\\rollup.log',
  })
}
