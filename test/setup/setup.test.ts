import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Clone } from './clone.js'

const onWindows = process.platform === 'win32'
const asRoot = process.getuid?.() === 0

describe.skipIf(onWindows)('the set-up of a clone (the stand-in for npm is a Unix script)', () => {
  let clone: Clone

  beforeEach(() => {
    clone = new Clone()
  })
  afterEach(() => clone.dispose())

  const setup = (env: NodeJS.ProcessEnv = {}) => clone.run('setup.mjs', [], env)

  it('installs what the lockfile says and builds, once; a second run does neither', async () => {
    expect(await setup()).toMatchObject({ exitCode: 0, stdout: '' })
    expect(clone.work()).toEqual({ installs: 1, builds: 1 })
    expect(await setup()).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(clone.work()).toEqual({ installs: 1, builds: 1 })
  })

  it('runs npm ci, with the compiler even where NODE_ENV says production', async () => {
    await setup({ NODE_ENV: 'production' })
    expect(JSON.parse(clone.read('npm-calls')).args).toEqual(expect.arrayContaining(['ci', '--include=dev']))
  })

  it.each([
    [
      'the lockfile changed',
      (its: Clone) => its.write('package-lock.json', '{"changed":true}'),
      { installs: 2, builds: 2 },
    ],
    ['node_modules is gone', (its: Clone) => its.remove('node_modules'), { installs: 2, builds: 1 }],
    ['a source changed', (its: Clone) => its.write('src/cli.ts', 'export const a = 1'), { installs: 1, builds: 2 }],
    ['a source is new', (its: Clone) => its.write('src/new/b.ts', 'export {}'), { installs: 1, builds: 2 }],
    ['dist is gone', (its: Clone) => its.remove('dist'), { installs: 1, builds: 2 }],
    ['the stamps are of another Node', (its: Clone) => its.write('.setup/install', 'x'), { installs: 2, builds: 1 }],
  ])('does again what is needed when %s', async (_what, change, work) => {
    await setup()
    change(clone)
    expect((await setup()).exitCode).toBe(0)
    expect(clone.work()).toEqual(work)
  })

  it('says that an install failed, ends with 1, and begins anew the next time', async () => {
    clone.write('npm-fails', '')
    const failed = await setup()
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toContain('npm ci ended with 1')
    clone.remove('npm-fails')
    expect((await setup()).exitCode).toBe(0)
    expect(clone.work()).toEqual({ installs: 2, builds: 1 })
  })

  it('does not take an interrupted install for a whole one when the lockfile comes back', async () => {
    await setup()
    clone.write('package-lock.json', '{"changed":true}')
    clone.write('npm-fails', '')
    await setup()
    clone.remove('npm-fails')
    clone.write('package-lock.json', '{}')
    clone.write('node_modules/.package-lock.json', '{}')
    await setup()
    expect(clone.work().installs).toBe(3)
  })

  it('lets one of several that start at once do the work, and the others wait for it', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => setup()))
    expect(all.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
    expect(clone.work()).toEqual({ installs: 1, builds: 1 })
    expect(clone.read('overlaps')).toBe('')
    expect(readdirSync(join(clone.folder, '.setup')).toSorted()).toEqual(['build', 'install'])
  })

  it('takes over the lock of a process that is gone, and only one of several does', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid
    clone.write('.setup/lock/pid', String(gone))
    const all = await Promise.all(Array.from({ length: 4 }, () => setup()))
    expect(all.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
    expect(clone.work()).toEqual({ installs: 1, builds: 1 })
    expect(clone.read('overlaps')).toBe('')
    expect(readdirSync(join(clone.folder, '.setup')).toSorted()).toEqual(['build', 'install'])
  })

  it('takes over a lock without a pid once it is old, and one so old that its pid is of another program', async () => {
    const longAgo = new Date(Date.now() - 3_600_000)
    const lock = join(clone.folder, '.setup/lock')
    mkdirSync(lock, { recursive: true })
    utimesSync(lock, longAgo, longAgo)
    expect((await setup()).exitCode).toBe(0)
    clone.write('.setup/lock/pid', String(process.pid))
    utimesSync(lock, longAgo, longAgo)
    expect((await setup()).exitCode).toBe(0)
    expect(existsSync(lock)).toBe(false)
  })

  it('waits for a process that lives, naming it', async () => {
    clone.write('.setup/lock/pid', String(process.pid))
    const { child, ended } = clone.start('setup.mjs')
    await new Promise<void>(resolve => child.stderr?.once('data', () => resolve()))
    expect(clone.work().installs).toBe(0)
    clone.remove('.setup/lock')
    const { exitCode, stderr } = await ended
    expect(exitCode).toBe(0)
    expect(stderr).toContain(`(process ${process.pid}), waiting`)
  })

  it("keeps npm's cache in the clone for a user without a home", async () => {
    await setup({ HOME: join(clone.folder, 'nowhere') })
    expect(JSON.parse(clone.read('npm-calls')).cache).toBe(join(clone.folder, '.setup/npm-cache'))
  })

  it.skipIf(asRoot)('says whose clone it is not when it may not write to it (root may)', async () => {
    chmodSync(clone.folder, 0o555)
    const { exitCode, stderr } = await setup()
    chmodSync(clone.folder, 0o755)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('Make a clone of your own')
  })
})
