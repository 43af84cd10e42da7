import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { privateFolders } from '../private-folder.js'

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
  return privateFolders({ env, temporary })
    .map(parent => join(parent, `${name}.sock`))
    .filter(path => Buffer.byteLength(path) <= mostPathBytes)
}
