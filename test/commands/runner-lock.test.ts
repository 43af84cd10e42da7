import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { livingRunner, lockRun } from '../../src/commands/runner-lock.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const lock = (holder: object) => writeFileSync(join(folder, 'runner.lock'), JSON.stringify(holder))

/** A process that lives until it is told to end. */
async function neighbour() {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  await new Promise(resolve => child.once('spawn', resolve))
  const ended = new Promise(resolve => child.once('exit', resolve))
  return {
    pid: child.pid ?? 0,
    end: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

describe('the lock of a run', () => {
  it('is taken, and let go without a trace', () => {
    const unlock = lockRun(folder, 'r')
    expect(readdirSync(folder)).toEqual(['runner.lock'])
    expect(JSON.parse(readFileSync(join(folder, 'runner.lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    unlock()
    expect(readdirSync(folder)).toEqual([])
  })

  it('is refused while its process lives, which is named, and taken over once it is gone', async () => {
    const other = await neighbour()
    lock({ pid: other.pid, host: hostname(), began: null })
    expect(livingRunner(folder)).toBe(other.pid)
    expect(() => lockRun(folder, 'r')).toThrow(`process ${other.pid}`)
    await other.end()
    expect(livingRunner(folder)).toBeUndefined()
    lockRun(folder, 'r')()
    expect(readdirSync(folder)).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')(
    'is not taken for held when its pid is somebody else’s by now (reads /proc)',
    async () => {
      const other = await neighbour()
      lock({ pid: other.pid, host: hostname(), began: '1' })
      expect(livingRunner(folder)).toBeUndefined()
      lockRun(folder, 'r')()
      await other.end()
    },
  )

  it.each([
    [
      'of another machine, as a copied folder brings it along',
      JSON.stringify({ pid: 1, host: 'elsewhere', began: null }),
    ],
    ['that is half written', '{"pid":'],
  ])('is taken over when it is one %s', (_, text) => {
    writeFileSync(join(folder, 'runner.lock'), text)
    expect(livingRunner(folder)).toBeUndefined()
    lockRun(folder, 'r')()
    expect(readdirSync(folder)).toEqual([])
  })
})
