import type { SettingValue } from '../../events/event.js'
import type { LabServer } from '../world/lab-server.js'
import { stateFolder } from '../world/windows-places.js'
import { ScriptProblem } from './script-problem.js'

/** Names the run whose guard is armed (ps-scripts/shared/State.ps1). */
export const armedFile = `${stateFolder}\\armed`

/** The run's folder on a server. Throws `RUN_NAME` on a name that could lead elsewhere. */
export function runFolder(run: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/.test(run) || run.includes('..')) {
    throw new ScriptProblem('RUN_NAME', `"${run}" is no name of a run`)
  }
  return `${stateFolder}\\runs\\${run}`
}

export function runFile(run: string, name: string): string {
  return `${runFolder(run)}\\${name}`
}

/** A package's folder stays: Windows Installer remembers it, and deleting it would make the article's case 3 (faults.md, "Staging"). */
export function packageFile(name: string, sha256: string): string {
  if (!/^[^\\/:*?"<>|;]+\.msp$/i.test(name) || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new ScriptProblem('PACKAGE_NAME', `"${name}" is no name of a package`)
  }
  return `${stateFolder}\\packages\\${sha256.slice(0, 8)}\\${name}`
}

/** The file's text, null when it is not there. */
export function stateText({ files }: LabServer, path: string): string | null {
  return files.exists(path) ? files.text(path) : null
}

/** The lines of a state file that have something in them. */
export function stateLines(server: LabServer, path: string): string[] {
  return (stateText(server, path) ?? '').split('\n').filter(line => line !== '')
}

export function armedRun(server: LabServer): string | null {
  return stateText(server, armedFile)?.trim() ?? null
}

/** A value inside a line: `-` for null, `n:1` for numbers, `s:text` for text with no blank inside (State.ps1). */
export function toField(value: SettingValue): string {
  if (value === null) return '-'
  return typeof value === 'number' ? `n:${value}` : `s:${encodeURIComponent(value)}`
}

/** The way back. Throws on a damaged field. */
export function fromField(field: string): SettingValue {
  if (field === '-') return null
  if (/^n:-?\d+$/.test(field)) return Number(field.slice(2))
  if (field.startsWith('s:')) return decodeURIComponent(field.slice(2))
  throw new Error(`damaged field ${field}`)
}
