import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../journeys/exroll.js'

/** The built program; `stdout` = where its output goes: a file descriptor, or a pipe that nobody reads. */
function print(stdout: number | 'nobody'): Promise<{ exitCode: number | null; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'dist', 'cli.js'), 'diagnose', '--help'], {
    stdio: ['ignore', stdout === 'nobody' ? 'pipe' : stdout, 'pipe'],
  })
  child.stdout?.destroy()
  let stderr = ''
  child.stderr?.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  return new Promise(done => {
    child.on('close', exitCode => done({ exitCode, stderr }))
  })
}

describe('output', () => {
  it('without a reader is no error', async () => {
    expect(await print('nobody')).toEqual({ exitCode: 0, stderr: '' })
  })

  it.skipIf(!existsSync('/dev/full'))('that cannot be written is one, with a code (needs /dev/full)', async () => {
    const { exitCode, stderr } = await print(openSync('/dev/full', 'w'))
    expect(exitCode).toBe(1)
    expect(stderr).toContain('OUTPUT_LOST')
    expect(stderr).not.toMatch(/\n +at /)
  })
})
