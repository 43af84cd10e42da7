import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Folders in which one process of this user may leave something for another, the best first. Each is named after the user. */
export function privateFolders({ env = process.env, temporary = tmpdir() } = {}): string[] {
  const parents = [env.XDG_RUNTIME_DIR ?? '', temporary, '/tmp'].filter(parent => parent !== '')
  return [...new Set(parents.map(parent => join(parent, `exroll-${process.getuid?.() ?? 0}`)))]
}

/** Makes a folder that only this user can enter. False when it is somebody else's, open to others, or no folder. */
export function isPrivateFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700, recursive: true })
    const found = lstatSync(folder)
    return (
      found.isDirectory() &&
      (process.getuid === undefined || found.uid === process.getuid()) &&
      (found.mode & 0o077) === 0
    )
  } catch {
    return false
  }
}
