import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'

/** SHA-256 of a real file in hex, piece by piece: a whole large file in memory takes longer to put there than to hash. */
export function sha256OfFile(path: string): string {
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(256 * 1024)
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const bytes = readSync(file, piece)
      if (bytes === 0) return hash.digest('hex')
      hash.update(piece.subarray(0, bytes))
    }
  } finally {
    closeSync(file)
  }
}
