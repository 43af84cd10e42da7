import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostKeyFingerprint, makeHostKey } from '../../../src/lab/endpoint/host-key.js'

const hasSshKeygen = !('error' in spawnSync('ssh-keygen', ['-?']))

describe('a host key', () => {
  it('is the same for the same seed and another for another', () => {
    const seed = Buffer.from('ex-mbx-01/7')
    expect(makeHostKey(seed)).toBe(makeHostKey(seed))
    expect(hostKeyFingerprint(makeHostKey(Buffer.from('other')))).not.toBe(hostKeyFingerprint(makeHostKey(seed)))
    expect(makeHostKey()).not.toBe(makeHostKey())
  })

  // Skipped where OpenSSH's ssh-keygen is not installed.
  it.skipIf(!hasSshKeygen)('is one that ssh-keygen reads and prints the same fingerprint of', () => {
    const folder = mkdtempSync(join(tmpdir(), 'exroll-key-'))
    try {
      for (const seed of ['a', 'b', 'c', 'd']) {
        const file = join(folder, seed)
        const key = makeHostKey(Buffer.from(seed))
        writeFileSync(file, key, { mode: 0o600 })
        const open = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' })
        writeFileSync(`${file}.pub`, open)
        expect(execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' })).toContain(
          hostKeyFingerprint(key),
        )
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
