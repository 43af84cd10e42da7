import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { packageFile } from '../package-file.js'
import type { ScriptName } from './catalog.js'

/** One script as it travels: everything it dot-sources is in its text. */
export interface LoadedScript {
  text: string
  /** Lower-case hex of the text's UTF-8 bytes. */
  sha256: string
}

export interface LoadOptions {
  /** Path of a file that stands in for `ps-scripts/shared/WindowsCalls.ps1`, the one file with Windows-only calls. */
  windowsCalls?: string
}

export const scriptsFolder = packageFile('ps-scripts/')

const windowsCallsName = 'WindowsCalls.ps1'
const dotSource = /^\. "\$PSScriptRoot\\(?<path>[\w.\\-]+\.ps1)"$/
const cache = new Map<string, LoadedScript>()

/** The script behind a call. Throws when a file it needs is missing: a broken installation. */
export function loadScript(name: ScriptName, options: LoadOptions = {}): LoadedScript {
  return loadFile(`server/${name}.ps1`, options)
}

/** What the detached task on the server runs: settings, install, restore. */
export function loadJobScript(options: LoadOptions = {}): LoadedScript {
  return loadFile('job/Invoke-InstallJob.ps1', options)
}

/** What the task runs that copies the package from a share. */
export function loadCopyScript(options: LoadOptions = {}): LoadedScript {
  return loadFile('job/Copy-SharedPackage.ps1', options)
}

/** What the guard's task runs at start-up and every five minutes. */
export function loadGuardScript(options: LoadOptions = {}): LoadedScript {
  return loadFile('job/Invoke-Guard.ps1', options)
}

/** SHA-256 of a call's script, for the journal: which text ran on the server. */
export function scriptHash(name: ScriptName): string {
  return loadScript(name).sha256
}

/** Any file of ps-scripts, by its path there (`shared/Task.ps1`). Throws when it or a file that it needs is missing. */
export function loadFile(path: string, { windowsCalls }: LoadOptions = {}): LoadedScript {
  const key = `${path}\0${windowsCalls ?? ''}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const text = inlined(resolve(scriptsFolder, path), windowsCalls, new Set())
  const script = { text, sha256: createHash('sha256').update(text, 'utf8').digest('hex') }
  cache.set(key, script)
  return script
}

/** The file's text with each dot-sourced file in the place of its line, each file once. */
function inlined(file: string, windowsCalls: string | undefined, seen: Set<string>): string {
  const lines = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
  const out: string[] = []
  for (const line of lines) {
    const path = dotSource.exec(line)?.groups?.path
    if (path === undefined) {
      out.push(line)
      continue
    }
    const wanted = resolve(dirname(file), path.replaceAll('\\', '/'))
    if (seen.has(wanted)) continue
    seen.add(wanted)
    const source = windowsCalls !== undefined && basename(wanted) === windowsCallsName ? windowsCalls : wanted
    out.push(inlined(source, windowsCalls, seen).trimEnd())
  }
  return out.join('\n')
}
