import { readdirSync, statSync } from 'node:fs'
import { extname, join, relative, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { UsageError } from '../errors.js'
import { bytesOfFile, type LogSource, NotALog } from './log-source.js'

/** Endings of logs in a folder or a .zip; a file that is named itself may have any. */
export const logEndings = ['.log', '.txt', '.msilog', '.xml', '.csv', '.tsv'] as const

/** What cannot be read as it is, and what to make of it. */
const refused: Record<string, string> = {
  '.cab': 'Unpack it (expand -F:* FILE FOLDER) and name the folder.',
  '.7z': 'Unpack it and name the folder.',
  '.rar': 'Unpack it and name the folder.',
  '.gz': 'Unpack it and name the file.',
  '.evtx': 'Export it as text: wevtutil query-events FILE /lf:true /f:xml > events.xml',
  '.evt': 'Export it as text with the Event Viewer (Save As, CSV).',
}

interface Trouble {
  path: string
  why: string
}

/** Where `-` comes from, and what relative paths are relative to. */
export interface LogPlaces {
  stdin: Readable
  cwd: string
}

/**
 * The logs that `paths` name: files as they are, folders and .zip files with all the logs in them, patterns that the shell left to us,
 * and `-` for standard input; in the order of their names, each once. Nothing is read yet but the list of a .zip. Throws `UsageError`
 * with everything that is wrong at once: `LOG_MISSING`, `LOG_UNREADABLE`.
 */
export async function findLogs(paths: readonly string[], { stdin, cwd }: LogPlaces): Promise<LogSource[]> {
  const troubles: Trouble[] = []
  const found = new Map<string, LogSource>()
  for (const path of paths) {
    try {
      for (const { id, source } of await sourcesOf(path, { stdin, cwd })) if (!found.has(id)) found.set(id, source)
    } catch (error) {
      troubles.push({ path, why: whyOf(error) })
    }
  }
  if (troubles.length > 0) throw unreadable(troubles)
  return [...found.values()]
}

interface Identified {
  /** The same for one log named twice. */
  id: string
  source: LogSource
}

async function sourcesOf(path: string, { stdin, cwd }: LogPlaces): Promise<Identified[]> {
  if (path === '-') return [{ id: '-', source: { path: 'standard input', bytes: () => stdin } }]
  const files = await filesOf(path, cwd)
  const sources = await Promise.all(files.map(file => sourcesOfFile(file, cwd)))
  return sources.flat()
}

async function sourcesOfFile(path: string, cwd: string): Promise<Identified[]> {
  const own = resolve(cwd, path)
  const ending = extname(path).toLowerCase()
  const hint = refused[ending]
  if (hint !== undefined) throw new NotALog(`${ending} files are not read. ${hint}`)
  if (ending !== '.zip') return [{ id: own, source: { path, bytes: () => bytesOfFile(own) } }]
  const { logsInZip } = await import('./zip-logs.js')
  const logs = await logsInZip({ path, own }, logEndings)
  if (logs.length === 0) throw new NotALog(`no log is in it (${logEndings.join(' ')})`)
  return logs.map(source => ({ id: `${own}/${source.path}`, source }))
}

async function filesOf(path: string, cwd: string): Promise<string[]> {
  const own = resolve(cwd, path)
  const stats = statSync(own, { throwIfNoEntry: false })
  if (stats === undefined) return matching(path, cwd)
  if (stats.isFile()) return [path]
  if (!stats.isDirectory()) throw new NotALog('it is no file')
  const files = logsBelow(path, own)
  if (files.length === 0) throw new NotALog(`no log is in it (${logEndings.join(' ')})`)
  return files
}

/** cmd.exe and PowerShell leave patterns to the program; so does a shell that finds nothing. */
async function matching(path: string, cwd: string): Promise<string[]> {
  const { globSync, isDynamicPattern } = await import('tinyglobby')
  const pattern = process.platform === 'win32' ? path.replaceAll('\\', '/') : path
  if (!isDynamicPattern(pattern)) throw new NotALog('there is no such file')
  const files = globSync(pattern, {
    cwd,
    absolute: true,
    dot: true,
    followSymbolicLinks: false,
    expandDirectories: false,
  })
  if (files.length === 0) throw new NotALog('there is no such file')
  return files.sort().map(file => relative(cwd, file))
}

/** Links are not followed, so that a folder that holds itself ends. */
function logsBelow(path: string, own: string): string[] {
  const entries = readdirSync(own, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap(entry => {
    if (entry.isDirectory()) return logsBelow(join(path, entry.name), join(own, entry.name))
    const ending = extname(entry.name).toLowerCase()
    return entry.isFile() && logEndings.some(known => known === ending) ? [join(path, entry.name)] : []
  })
}

function whyOf(error: unknown): string {
  if (error instanceof NotALog) return error.message
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : `it cannot be read (${code})`
}

function unreadable(troubles: readonly Trouble[]): UsageError {
  const missing = troubles.every(({ why }) => why === 'there is no such file')
  return new UsageError(troubles.map(({ path, why }) => `${path}: ${why}`).join('\n       '), {
    code: missing ? 'LOG_MISSING' : 'LOG_UNREADABLE',
    hint: 'Name log files, or folders or .zip files of them: exroll diagnose C:\\rollup.log',
  })
}
