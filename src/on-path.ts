import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'

/** The first of `names` that a folder of PATH has as a program, looked for name by name. Undefined where none has one. */
export function onPath(names: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter(folder => folder !== '')
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(isProgram)
}

/** What the system starts for `word` without a shell: a path as it is, a name from PATH; on Windows also with `.exe`. */
export function startedFor(
  word: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const names = platform === 'win32' && !/\.[^.\\/]+$/.test(word) ? [`${word}.exe`, word] : [word]
  if (isAbsolute(word) || /[\\/]/.test(word)) return names.map(name => resolve(name)).find(isProgram)
  return onPath(names, env)
}

/** A file that this user may start. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
