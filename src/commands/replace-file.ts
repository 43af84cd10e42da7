import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { UsageError } from '../errors.js'

/**
 * Writes `text` in the place of the file's `before`, whole or not at all, with the mode the file has; a link stays a link. Throws `UsageError`: FILE_CHANGED when the file
 * no longer holds `before`, FILE_UNWRITABLE.
 */
export function replaceFile(path: string, before: string, text: string): void {
  let part: string | undefined
  try {
    const file = realpathSync(path)
    if (readFileSync(file, 'utf8') !== before) throw changed(path)
    const { mode } = statSync(file)
    part = `${file}.${randomBytes(4).toString('hex')}.part`
    const handle = openSync(part, 'wx', 0o600)
    try {
      writeSync(handle, text)
      fchmodSync(handle, mode & 0o7777)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(part, file)
  } catch (cause) {
    if (part !== undefined) rmSync(part, { force: true })
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`${path} cannot be written: ${(cause as Error).message}`, {
      code: 'FILE_UNWRITABLE',
      hint: 'Check its permissions and those of its folder, and the free space. It is as it was.',
      cause,
    })
  }
}

function changed(path: string): UsageError {
  return new UsageError(`${path} was changed by somebody else in the meantime.`, {
    code: 'FILE_CHANGED',
    hint: 'Nothing was written. Run the command again: it starts from what the file holds now.',
  })
}
