import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of this machine for large simulated files; gone with the test. */
export function spillFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-world-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
