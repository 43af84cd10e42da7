import type { JobEntry, SettingChange } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { runFile, stateLines, stateText } from './run-files.js'

/** An entry before it has its number and time. */
export type NewEntry = JobEntry extends infer E ? (E extends JobEntry ? Omit<E, 'seq' | 'at'> : never) : never

/** Who waits for news of a run, by the journal's path. Nothing is kept here: only the waiting. */
const listeners = new WeakMap<LabServer, Map<string, Set<() => void>>>()

function journalFile(run: string): string {
  return runFile(run, 'journal.ndjson')
}

/** Appends an entry; `seq` and `at` are put in front (ps-scripts/shared/Journal.ps1). */
export function addEntry(server: LabServer, run: string, entry: NewEntry): void {
  const path = journalFile(run)
  const last = entriesAfter(server, run, 0).at(-1)?.seq ?? 0
  const line = JSON.stringify({ seq: last + 1, at: server.clock.now().toISOString(), ...entry })
  // A line that a crash left without its end is ended first.
  const open = stateText(server, path)
  server.files.append(path, `${open !== null && open !== '' && !open.endsWith('\n') ? '\n' : ''}${line}\n`)
  for (const listener of listeners.get(server)?.get(path) ?? []) listener()
}

export function addNote(server: LabServer, run: string, text: string): void {
  addEntry(server, run, { type: 'note', text })
}

/** What each kind of change is in the Application log (ps-scripts/shared/Journal.ps1): its id, its level, and the words. */
const settingEvents = {
  changed: { id: 11, level: 'Information', words: 'set for the install' },
  restored: { id: 12, level: 'Information', words: 'put back' },
  stuck: { id: 13, level: 'Error', words: 'could not be put back' },
  foreign: { id: 14, level: 'Warning', words: 'left alone, because somebody else set it since' },
} as const

export function addSetting(
  server: LabServer,
  run: string,
  change: keyof typeof settingEvents,
  by: 'job' | 'guard' | 'call',
  { setting, scope, from, to }: SettingChange,
): void {
  addEntry(server, run, { type: 'setting', change, by, setting, scope, from, to })
  const { id, level, words } = settingEvents[change]
  const text = `${setting} ${scope} ${words} by the ${by}: ${valueWord(from)} -> ${valueWord(to)}`
  addEvent(server, run, { id, level, text })
}

/** An entry of the run in the Application log. */
export function addEvent(
  { events }: LabServer,
  run: string,
  { text, ...event }: { id: number; level: 'Information' | 'Warning' | 'Error'; text: string },
): void {
  events.write({ log: 'Application', source: 'exroll', ...event, text: `Run ${run}: ${text}` })
}

/**
 * What is said while something else is already wrong (a full disk): the Application log has its room, and nothing is held up
 * (ps-scripts/shared/Journal.ps1).
 */
export function addFault(server: LabServer, run: string, id: number, what: string, problem: unknown): void {
  const words = problem instanceof Error ? problem.message : String(problem)
  addEvent(server, run, { id, level: 'Error', text: `${what}: ${words}` })
}

/** Does what writes into the journal; one that cannot be written holds no restore up. */
export function unlessJournalFails(server: LabServer, run: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    addFault(server, run, 8, 'the journal cannot be written', error)
  }
}

function valueWord(value: SettingChange['to']): string {
  if (value === null) return 'absent'
  return typeof value === 'number' ? `0x${value.toString(16)}` : value
}

/** The whole entries after a number; a line cut by a crash is none. */
export function entriesAfter(server: LabServer, run: string, seq: number): JobEntry[] {
  const found: JobEntry[] = []
  for (const line of stateLines(server, journalFile(run))) {
    const number = Number(/^\{"seq":(\d+),.*\}$/.exec(line)?.[1] ?? 0)
    if (number > seq) found.push(JSON.parse(line))
  }
  return found
}

/** True when the journal has an entry like that. */
export function hasEntry(server: LabServer, run: string, like: (entry: JobEntry) => boolean): boolean {
  return entriesAfter(server, run, 0).some(like)
}

/** Calls `listener` after each new entry, until the returned function is called. */
export function onEntry(server: LabServer, run: string, listener: () => void): () => void {
  const path = journalFile(run)
  const byPath = listeners.get(server) ?? new Map<string, Set<() => void>>()
  listeners.set(server, byPath)
  const set = byPath.get(path) ?? new Set()
  byPath.set(path, set.add(listener))
  return () => {
    set.delete(listener)
    if (set.size === 0) byPath.delete(path)
  }
}
