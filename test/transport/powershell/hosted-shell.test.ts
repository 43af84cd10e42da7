import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHostedShell } from '../../../src/transport/powershell/hosted-shell.js'
import { createShellKeeper } from '../../../src/transport/powershell/shell-keeper.js'
import { canWatch } from '../../process-watch.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-hosted-shell-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A program in the place of PowerShell: what it does when it is ready and on each request, in JavaScript. */
function program(
  name: string,
  { ready = true, onStart = '', onRequest = '' }: { ready?: boolean; onStart?: string; onRequest?: string },
): string {
  const file = join(folder, name)
  const text = `#!${process.execPath}
const say = value => process.stdout.write(JSON.stringify(value) + '\\n')
process.stdout.write('\\u001b[?1h\\u001b[?1l')
${ready ? "say({ id: 0, ended: 'ready', version: '7.6.9', edition: 'Core' })" : ''}
${onStart}
let rest = ''
process.stdin.on('data', piece => {
  const lines = (rest + piece).split('\\n')
  rest = lines.pop()
  for (const line of lines) {
    if (!line.startsWith('exroll-host ')) continue
    const request = JSON.parse(Buffer.from(line.slice(12), 'base64').toString())
    ${onRequest}
  }
})
setInterval(() => undefined, 1000)
`
  writeFileSync(file, text)
  chmodSync(file, 0o755)
  return file
}

const start = (executable: string, startTimeoutMs = 30_000, silenceMs = 10_000) =>
  startHostedShell({ executable, env: process.env, startTimeoutMs, silenceMs, stopTimeoutMs: 50, heartbeatMs: 50 })

/** 0 while nothing is written there. */
function pidIn(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(process.platform === 'win32')('a hosted shell (programs with #! need POSIX)', () => {
  it('hands objects over as they come, and tells requests apart', async () => {
    const shell = await start(
      program('echo', {
        onRequest: `say({ id: request.id, object: request.lane }); setTimeout(() => say({ id: request.id, ended: 'closed' }), request.id === 1 ? 60 : 1)`,
      }),
    )
    const seen: string[] = []
    const ask = (lane: string) => shell.ask({ verb: 'close', lane }, text => seen.push(text))
    const ends = await Promise.all([ask('first'), ask('second')])
    expect(ends.map(end => end.ended)).toEqual(['closed', 'closed'])
    expect(seen.sort()).toEqual(['first', 'second'])
    expect(shell.version).toBe('7.6.9 Core')
    await shell.end()
  })

  it('is the program that was named, whatever NODE_POWERSHELL says', async () => {
    const file = program('named', {})
    process.env.NODE_POWERSHELL = '/bin/false'
    try {
      const shell = await start(file)
      expect(shell.version).toBe('7.6.9 Core')
      expect(process.env.NODE_POWERSHELL).toBe('/bin/false')
      await shell.end()
    } finally {
      delete process.env.NODE_POWERSHELL
    }
  })

  it('carries any text as data: nothing of it is ever a command', async () => {
    const shell = await start(
      program('mirror', {
        onRequest: `say({ id: request.id, object: request.lane }); say({ id: request.id, ended: 'closed' })`,
      }),
    )
    const awkward = `it's "quoted" $(calc) \`whoami\` C:\\x; exit\r\n'@ Grüße 日本 🜚`
    const seen: string[] = []
    await shell.ask({ verb: 'close', lane: awkward }, text => seen.push(text))
    expect(seen).toEqual([awkward])
    await shell.end()
  })

  it('that dies takes every waiting request with it, with one clear error each, and is dead from then on', async () => {
    const shell = await start(
      program('mortal', {
        onRequest: `process.stderr.write('out of memory\\n'); setTimeout(() => process.exit(3), 20)`,
      }),
    )
    const asked = [1, 2, 3].map(lane => shell.ask({ verb: 'close', lane: String(lane) }).catch(error => error))
    for (const error of await Promise.all(asked)) {
      expect(error).toMatchObject({
        code: 'SHELL_DEAD',
        message: expect.stringContaining('out of memory'),
        hint: expect.any(String),
      })
    }
    expect(shell.dead).toBe(true)
    await expect(shell.ask({ verb: 'close', lane: 'x' })).rejects.toMatchObject({ code: 'SHELL_DEAD' })
  })

  it('that never answers is given up within its time, and ended', async () => {
    const error = await start(program('silent', { ready: false }), 300).catch(error => error)
    expect(error).toMatchObject({ code: 'SHELL_START', hint: expect.any(String) })
  })

  it('gives up a request that does not stop, and goes on with those of other servers', async () => {
    const shell = await start(
      program('patient', {
        onRequest: `
          if (request.verb === 'ping') say({ id: request.id, ended: 'alive' })
          if (request.lane === 'quick') say({ id: request.id, ended: 'closed' })`,
      }),
    )
    let hanging = 0
    const hangs = shell.ask({ verb: 'close', lane: 'hangs' }, undefined, id => {
      hanging = id
    })
    shell.stop(hanging)
    expect(await hangs).toMatchObject({ ended: 'stopped', lost: true })
    expect(shell.dead).toBe(false)
    expect(await shell.ask({ verb: 'close', lane: 'quick' })).toMatchObject({ ended: 'closed' })
    await shell.end()
  })

  it('that answers nothing any more is ended, with one clear error for each request, though it ignores SIGTERM', async () => {
    const file = program('deaf', { onStart: `process.on('SIGTERM', () => undefined)` })
    const pidFile = join(folder, 'deaf.pid')
    appendFileSync(file, `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))\n`)
    const shell = await start(file, 30_000, 300)
    await expect.poll(() => pidIn(pidFile)).toBeGreaterThan(0)
    const asked = [1, 2].map(lane => shell.ask({ verb: 'close', lane: String(lane) }).catch(error => error))
    for (const error of await Promise.all(asked)) {
      expect(error).toMatchObject({ code: 'SHELL_DEAD', message: expect.stringContaining('answered nothing') })
    }
    expect(shell.dead).toBe(true)
    await expect.poll(() => runs(pidIn(pidFile))).toBe(false)
  })

  it.skipIf(!canWatch)('gets no Ctrl-C of the terminal: it is in a session of its own', async () => {
    const file = program('apart', {})
    const pidFile = join(folder, 'apart.pid')
    appendFileSync(file, `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))\n`)
    const shell = await start(file)
    await expect.poll(() => pidIn(pidFile)).toBeGreaterThan(0)
    const sessionOf = (pid: number | 'self') =>
      /\) \S \d+ \d+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
    expect(sessionOf(pidIn(pidFile))).toBe(String(pidIn(pidFile)))
    expect(sessionOf(pidIn(pidFile))).not.toBe(sessionOf('self'))
    await shell.end()
    expect(runs(pidIn(pidFile))).toBe(false)
  })

  it('that ignores its end is ended all the same', async () => {
    const file = program('stubborn', { onStart: `process.on('SIGTERM', () => undefined)` })
    const pidFile = join(folder, 'stubborn.pid')
    appendFileSync(file, `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))\n`)
    const shell = await start(file)
    await expect.poll(() => pidIn(pidFile)).toBeGreaterThan(0)
    await shell.end()
    expect(runs(pidIn(pidFile))).toBe(false)
  })

  it('that cannot be started is an error, not a rejection nobody handles', async () => {
    const file = join(folder, 'not-a-program')
    writeFileSync(file, '\u0000\u0001')
    chmodSync(file, 0o755)
    await expect(start(file, 2000)).rejects.toMatchObject({ code: 'SHELL_START' })
  })

  it('is replaced when it is dead, and shared while it lives', async () => {
    const file = program('kept', { onRequest: `process.exit(0)` })
    const keeper = createShellKeeper({ ...process.env, EXROLL_PWSH: file })
    const leave = keeper.use()
    const first = await keeper.shell()
    expect(await keeper.shell()).toBe(first)
    await first.ask({ verb: 'close', lane: 'x' }).catch(() => undefined)
    const [second, ...others] = await Promise.all([keeper.shell(), keeper.shell(), keeper.shell()])
    expect(second).not.toBe(first)
    expect(second?.dead).toBe(false)
    expect(new Set(others)).toEqual(new Set([second]))
    leave()
    await expect.poll(() => second?.dead).toBe(true)
  })

  it('is one for all servers that are connected to at the same moment', async () => {
    const started = join(folder, 'started')
    const file = program('counted', {
      ready: false,
      onStart: `require('fs').appendFileSync(${JSON.stringify(started)}, 'x'); setTimeout(() => say({ id: 0, ended: 'ready', version: '7', edition: 'Core' }), 50)`,
    })
    const keeper = createShellKeeper({ ...process.env, EXROLL_PWSH: file })
    const leave = keeper.use()
    const shells = await Promise.all(Array.from({ length: 25 }, () => keeper.shell()))
    expect(new Set(shells).size).toBe(1)
    expect(readFileSync(started, 'utf8')).toBe('x')
    leave()
    await expect.poll(() => shells[0]?.dead).toBe(true)
  })

  it('that does not start fails for everybody who waits for it, and is tried anew by the next', async () => {
    const file = join(folder, 'late')
    writeFileSync(file, '#!/bin/sh\necho no >&2; exit 1\n')
    chmodSync(file, 0o755)
    const keeper = createShellKeeper({ ...process.env, EXROLL_PWSH: file })
    const leave = keeper.use()
    const failures = await Promise.all([1, 2, 3].map(() => keeper.shell().catch(error => error.code)))
    expect(failures).toEqual(['SHELL_START', 'SHELL_START', 'SHELL_START'])
    program('late', {})
    expect((await keeper.shell()).version).toBe('7.6.9 Core')
    leave()
  })

  it('says what to install where there is none', async () => {
    for (const [env, said] of [
      [{ PATH: folder }, 'pwsh'],
      [{ EXROLL_PWSH: join(folder, 'nowhere') }, 'EXROLL_PWSH'],
    ] as const) {
      await expect(createShellKeeper({ ...env }).shell()).rejects.toMatchObject({
        code: 'PWSH_MISSING',
        message: expect.stringContaining(said),
        hint: expect.stringContaining('Install PowerShell'),
      })
    }
  })
})
