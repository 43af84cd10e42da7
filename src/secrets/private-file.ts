import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { UsageError } from '../errors.js'

/**
 * Reads a file that holds a secret (a password, a private key).
 *
 * Throws `UsageError`: `SECRET_FILE_UNREADABLE`, or on POSIX `SECRET_FILE_OPEN` when the group or others may use
 * the file. Something that is not a regular file (a pipe of the shell) has no lasting mode and is read as it is.
 */
export async function readPrivateFile(path: string, platform: NodeJS.Platform = process.platform): Promise<Buffer> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, constants.O_RDONLY)
    // The open file is asked, not the name: the name could be another file by now.
    const { mode, isOpen } = await modeOf(handle, platform)
    if (isOpen) {
      throw new UsageError(`${path} may be read or written by others (mode ${mode}).`, {
        code: 'SECRET_FILE_OPEN',
        hint: `Run: chmod 600 '${path}'`,
      })
    }
    return await handle.readFile()
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${path} cannot be read (${errnoOf(error)}).`, {
      code: 'SECRET_FILE_UNREADABLE',
      hint: 'Check the path in the inventory; it is taken from the folder of the inventory file.',
    })
  } finally {
    await handle?.close()
  }
}

async function modeOf(handle: FileHandle, platform: NodeJS.Platform): Promise<{ mode: string; isOpen: boolean }> {
  const stats = await handle.stat()
  const isOpen = platform !== 'win32' && stats.isFile() && (stats.mode & 0o077) !== 0
  return { mode: (stats.mode & 0o777).toString(8).padStart(4, '0'), isOpen }
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
