import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `sun_path` holds 104 bytes on macOS and the BSDs, 108 on Linux, its closing zero included (unix(7), unix(4)). */
const mostPathBytes = 103

/**
 * Where a runner may listen, the best first: in a private folder of this user. Not in the run folder, because a socket that a killed runner
 * left would keep that folder from being copied. On Windows a named pipe.
 */
export function controlAddresses(
  folder: string,
  { platform = process.platform, env = process.env, temporary = tmpdir() } = {},
): string[] {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  if (platform === 'win32') return [`\\\\.\\pipe\\exroll-${name}`]
  const user = process.getuid?.() ?? 0
  const parents = [env.XDG_RUNTIME_DIR ?? '', temporary, '/tmp'].filter(parent => parent !== '')
  const candidates = parents.map(parent => join(parent, `exroll-${user}`, `${name}.sock`))
  return [...new Set(candidates)].filter(path => Buffer.byteLength(path) <= mostPathBytes)
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
