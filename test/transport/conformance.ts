import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuthError, ConnectError, ToolError, TransferError } from '../../src/errors.js'
import type { Session } from '../../src/transport/transport.js'
import type { FarEnd } from './far-end.js'
import { type Relay, startRelay } from './relay.js'

const awkward = [
  `"double" 'single' \`backtick\` "'\``,
  `$HOME $(id) \${x} %PATH% !x! ^& | > < ; & && #`,
  'back\\slash \\n \\\\ C:\\Program Files\\',
  '\ttab, a line without an end',
  'Grüße, Ωmega, Привет, 日本語, 🜚',
].join('\n')

/** What every transport has to do, against one far end (exemplars.md, section 2.5). */
export function describeTransport(name: string, start: () => Promise<FarEnd>): void {
  describe(`transport conformance: ${name}`, () => {
    let far: FarEnd
    let folder: string
    let session: Session

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'exroll-conformance-'))
      far = await start()
      session = await far.transport().connect()
    })
    afterAll(async () => {
      await session?.close()
      await far?.close()
      await rm(folder, { recursive: true, force: true })
    })

    const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
    const throughRelay = async (act: (relay: Relay, session: Session) => Promise<void>) => {
      const relay = await startRelay(far.port)
      const relayed = await far.transport({ port: relay.port }).connect()
      try {
        await act(relay, relayed)
      } finally {
        await relayed.close()
        await relay.close()
      }
    }

    describe('commands', () => {
      it('keeps stdout and stderr apart and gives the exit code', async () => {
        const result = await session.run({ line: far.shell.apart })
        expect({ ...result, stdout: result.stdout.trim(), stderr: result.stderr.trim() }).toEqual({
          exitCode: 3,
          stdout: 'out',
          stderr: 'err',
          durationMs: expect.any(Number),
          timedOut: false,
          canceled: false,
          connectionLost: false,
        })
      })

      it.for([0, 1, 1603, 3010, 0x80070643])('gives exit code %i as it is, not as a throw', async (code, { skip }) => {
        skip(code > 255 && far.exitBits === 8, 'this far end carries 8 bits')
        expect((await session.run({ line: far.shell.exit(code) })).exitCode).toBe(code)
      })

      it('carries quotes, backticks, $, newlines and non-ASCII through stdin and back', async () => {
        const result = await session.run({ line: far.shell.copy, stdin: awkward })
        expect(result.stdout).toBe(awkward)
      })

      it('carries awkward text through a file and back', async () => {
        const path = far.path('awkward.txt')
        await session.upload(Buffer.from(awkward), path)
        expect((await session.run({ line: far.shell.print(path) })).stdout).toBe(awkward)
      })

      it('sends end-of-file after no input at all', async () => {
        expect(await session.run({ line: far.shell.copy })).toMatchObject({ exitCode: 0, stdout: '' })
      })

      it('loses nothing of 5 MiB of output on either stream', async () => {
        const text = `${'Ω0123456789abcde'.repeat(64)}\n`.repeat(5 * 1024)
        const path = far.path('five-mebibytes.txt')
        await session.upload(Buffer.from(text), path)
        const [out, err] = await Promise.all([
          session.run({ line: far.shell.print(path) }),
          session.run({ line: far.shell.printToStderr(path) }),
        ])
        expect(sha256(Buffer.from(out.stdout))).toBe(sha256(Buffer.from(text)))
        expect(sha256(Buffer.from(err.stderr))).toBe(sha256(Buffer.from(text)))
      })

      it('loses nothing of 5 MiB of input', async () => {
        const text = `${'Ω0123456789abcde'.repeat(64)}\n`.repeat(5 * 1024)
        const { stdout } = await session.run({ line: far.shell.copy, stdin: text })
        expect(sha256(Buffer.from(stdout))).toBe(sha256(Buffer.from(text)))
      })

      it('ends well when the command never reads its input', async () => {
        const result = await session.run({ line: far.shell.ignoreInput, stdin: Buffer.alloc(3 * 1024 * 1024, 'x') })
        expect(result).toMatchObject({ exitCode: 0, connectionLost: false })
        expect(result.stdout.trim()).toBe('done')
      })

      it('hands output over while the command runs, and an abort leaves nothing running', async () => {
        const stop = new AbortController()
        const seen: string[] = []
        // The command ends only because its first output arrived: without streaming this would wait for ever.
        const result = await session.run(
          { line: far.shell.endless },
          {
            signal: stop.signal,
            onStdout: chunk => {
              seen.push(Buffer.from(chunk).toString())
              stop.abort()
            },
          },
        )
        expect(result).toMatchObject({ canceled: true, timedOut: false, exitCode: null })
        expect(result.stdout.trim()).not.toBe('')
        expect(result.stdout).toBe(seen.join(''))
        await expect.poll(() => far.isRunning(result.stdout.trim()), { timeout: 10_000 }).toBe(false)
      })

      it('ends a command whose time is over, and leaves nothing running', async () => {
        const own = await far.transport().connect()
        const result = await own.run({ line: far.shell.endless }, { timeoutMs: far.firstLineMs ?? 1000 })
        expect(result).toMatchObject({ timedOut: true, canceled: false, connectionLost: false, exitCode: null })
        expect(result.stdout.trim()).not.toBe('')
        await expect.poll(() => far.isRunning(result.stdout.trim()), { timeout: 10_000 }).toBe(false)
        await own.close()
      })

      it('does not start a command that is aborted before', async () => {
        const result = await session.run({ line: far.shell.endless }, { signal: AbortSignal.abort() })
        expect(result).toMatchObject({ canceled: true, stdout: '', exitCode: null })
      })

      it('runs more than eight at once on one session, eight at a time', async () => {
        let running = 0
        let most = 0
        const begun = new Set<number>()
        const results = await Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            const result = await session.run(
              { line: far.shell.slow },
              {
                onStdout: () => {
                  if (begun.has(index)) return
                  begun.add(index)
                  most = Math.max(most, ++running)
                },
              },
            )
            running--
            return result.stdout.split(/\s+/).filter(Boolean)
          }),
        )
        expect(results).toEqual(results.map(() => ['begin', 'end']))
        expect(most).toBeGreaterThan(1)
        expect(most).toBeLessThanOrEqual(8)
      })

      it('works on twenty sessions at once', async () => {
        const outputs = await Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            const own = await far.transport().connect()
            const { stdout } = await own.run({ line: far.shell.copy, stdin: `session ${index}` })
            await own.close()
            return stdout
          }),
        )
        expect(outputs).toEqual(outputs.map((_, index) => `session ${index}`))
      })
    })

    describe('files', () => {
      it.for([
        ['nothing', 0],
        ['one byte', 1],
        ['64 MiB', 64 * 1024 * 1024],
      ] as const)('uploads and downloads %s, byte for byte', async ([label, size]) => {
        const data = randomBytes(size)
        const sent = join(folder, `sent ${label}`)
        const back = join(folder, `back ${label}`)
        await writeFile(sent, data)
        const there = far.path(`${label}.bin`)
        const expected = { bytes: size, sha256: sha256(data) }
        expect(await session.upload(sent, there)).toEqual(expected)
        expect(await session.download(there, back)).toEqual(expected)
        expect(sha256(await readFile(back))).toBe(expected.sha256)
        await Promise.all([rm(sent), rm(back)])
      })

      it('takes bytes as well as a path, reports progress, and overwrites', async () => {
        const path = far.path('bytes.bin')
        const progress: number[] = []
        await session.upload(randomBytes(300_000), path)
        const data = randomBytes(100_001)
        await session.upload(data, path, { onProgress: bytes => progress.push(bytes) })
        const back = join(folder, 'bytes.bin')
        expect(await session.download(path, back)).toEqual({ bytes: data.length, sha256: sha256(data) })
        expect((await readFile(back)).equals(data)).toBe(true)
        expect(progress.at(-1)).toBe(data.length)
        expect(progress).toEqual([...progress].sort((a, b) => a - b))
      })

      it('takes a name with spaces, quotes, $ and letters beyond ASCII', async () => {
        const path = far.path("Größe & $HOME it's `1` 日本.txt")
        const data = Buffer.from('found by its name')
        await session.upload(data, path)
        expect((await session.run({ line: far.shell.print(path) })).stdout).toBe('found by its name')
        await session.download(path, join(folder, 'named'))
        expect(await readFile(join(folder, 'named'), 'utf8')).toBe('found by its name')
      })

      it('overwrites a long file with nothing', async () => {
        const path = far.path('emptied.bin')
        await session.upload(randomBytes(1000), path)
        await session.upload(Buffer.alloc(0), path)
        expect(await session.download(path, join(folder, 'emptied'))).toMatchObject({ bytes: 0 })
      })

      it('carries several files at once', async () => {
        const files = Array.from({ length: 12 }, (_, index) => ({
          path: far.path(`many-${index}.bin`),
          data: randomBytes(50_000 + index),
        }))
        await Promise.all(files.map(({ path, data }) => session.upload(data, path)))
        const back = await Promise.all(
          files.map(({ path }, index) => session.download(path, join(folder, `many-${index}`))),
        )
        expect(back.map(one => one.sha256)).toEqual(files.map(({ data }) => sha256(data)))
      })

      it("asks the far end's own hash where one is given", async ({ skip }) => {
        const hash = far.hash?.(session)
        if (hash === undefined) return skip('this far end has no command that hashes')
        const path = far.path('hashed.bin')
        const data = randomBytes(70_000)
        expect(await session.upload(data, path, { hash })).toEqual({ bytes: data.length, sha256: sha256(data) })
        expect((await session.download(path, join(folder, 'hashed'), { hash })).sha256).toBe(sha256(data))
      })

      it('refuses a transfer whose hashes differ, and keeps nothing of a download', async () => {
        const path = far.path('differs.bin')
        await session.upload(Buffer.from('right'), path)
        const hash = async () => '0'.repeat(64)
        const target = join(folder, 'differs.bin')
        await expect(session.download(path, target, { hash })).rejects.toMatchObject({ code: 'TRANSFER_DAMAGED' })
        await expect(session.upload(Buffer.from('x'), path, { hash })).rejects.toMatchObject({
          code: 'TRANSFER_DAMAGED',
        })
        expect((await readdir(folder)).filter(name => name.startsWith('differs'))).toEqual([])
      })

      it('notices that a file was damaged on its way', async ({ skip }) => {
        if (far.damageNext === undefined) return skip('this far end damages nothing')
        const path = far.path('damaged.bin')
        const data = randomBytes(200_000)
        far.damageNext()
        const error = await session.upload(data, path).catch(error => error)
        expect(error).toBeInstanceOf(TransferError)
        expect(error).toMatchObject({ code: 'TRANSFER_DAMAGED' })
        expect(await session.upload(data, path)).toEqual({ bytes: data.length, sha256: sha256(data) })
      })

      it('goes on where a large upload was cut, and sends nothing of what is there already', async () => {
        const path = far.path('resumed.bin')
        const data = randomBytes(8 * 1024 * 1024)
        await throughRelay(async (relay, relayed) => {
          const cut = { onProgress: (bytes: number) => bytes > 3_000_000 && relay.cut() }
          await expect(relayed.upload(data, path, cut)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
        })
        // Whoever wrote on the far end hears of the cut a moment later.
        let kept = 0
        const isStill = async () => {
          const before = kept
          kept = (await session.download(path, join(folder, 'kept.bin'))).bytes
          return kept > 1_000_000 && kept === before
        }
        await expect.poll(isStill, { timeout: 10_000, interval: 200 }).toBe(true)
        for (const least of [1_000_000, data.length]) {
          const progress: number[] = []
          const sent = await session.upload(data, path, { onProgress: bytes => progress.push(bytes) })
          expect(sent).toEqual({ bytes: data.length, sha256: sha256(data) })
          expect(progress[0]).toBeGreaterThanOrEqual(least)
          expect(progress.at(-1)).toBe(data.length)
        }
      })

      it.for([
        ['other bytes', 2_000_000, 3_000_000],
        ['fewer other bytes', 500_000, 3_000_000],
        ['more other bytes', 3_000_000, 2_000_000],
      ] as const)('starts anew over a file of %s', async ([, before, after]) => {
        const path = far.path('anew.bin')
        await session.upload(randomBytes(before), path)
        const data = randomBytes(after)
        expect(await session.upload(data, path)).toEqual({ bytes: after, sha256: sha256(data) })
      })

      it('starts anew over a file that differs in its middle only', async () => {
        const path = far.path('middle.bin')
        const data = randomBytes(2_000_000)
        const other = Buffer.from(data)
        other[1_000_000] = (other[1_000_000] ?? 0) ^ 1
        await session.upload(other, path)
        expect(await session.upload(data, path)).toEqual({ bytes: data.length, sha256: sha256(data) })
      })

      it('says which file is missing, on either side', async () => {
        const error = await session.download(far.path('not there.bin'), join(folder, 'x')).catch(error => error)
        expect(error).toBeInstanceOf(TransferError)
        expect(error).toMatchObject({ code: 'FILE_MISSING', message: expect.stringContaining('not there.bin') })
        await expect(session.upload(join(folder, 'none'), far.path('x'))).rejects.toMatchObject({ code: 'LOCAL_FILE' })
        expect((await readdir(folder)).filter(name => name.startsWith('x'))).toEqual([])
      })

      it('stops an upload and a download with the reason of the abort', async () => {
        const path = far.path('stopped.bin')
        const data = randomBytes(8 * 1024 * 1024)
        const reason = new Error('enough')
        const stopAfterSome = () => {
          const stop = new AbortController()
          return { signal: stop.signal, onProgress: () => stop.abort(reason) }
        }
        await expect(session.upload(data, path, stopAfterSome())).rejects.toBe(reason)
        await session.upload(data, path)
        await expect(session.download(path, join(folder, 'stopped'), stopAfterSome())).rejects.toBe(reason)
        expect((await readdir(folder)).filter(name => name.startsWith('stopped'))).toEqual([])
      })
    })

    describe('connections', () => {
      it('fails at once where nothing listens, and names host and port', async () => {
        const port = await closedPort()
        const error = await far
          .transport({ port })
          .connect()
          .catch(error => error)
        expect(error).toBeInstanceOf(ConnectError)
        expect(error).toMatchObject({ code: 'CONNECT_FAILED', hint: expect.any(String) })
        expect(error.message).toContain(`${far.host ?? '127.0.0.1'}:${port}`)
      })

      it('sends a wrong password once, and never shows it', async ({ skip }) => {
        if (far.refusedPasswords === undefined) return skip('this far end does not count passwords')
        const password = 'Wr0ng "S3cret" $\\Ω'
        const before = far.refusedPasswords()
        const error = await far
          .transport({ password })
          .connect()
          .catch(error => error)
        expect(error).toBeInstanceOf(AuthError)
        expect(error).toMatchObject({ code: 'AUTH_FAILED', hint: expect.any(String) })
        await expect.poll(() => far.refusedPasswords?.()).toBe(before + 1)
        for (const text of [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error.toInfo())]) {
          expect(text).not.toContain('S3cret')
          expect(text).not.toContain(Buffer.from(password).toString('base64'))
        }
      })

      it('calls a connection that is cut under a command lost, with what had arrived', async () => {
        await throughRelay(async (relay, relayed) => {
          const result = await relayed.run({ line: far.shell.endless }, { onStdout: () => relay.cut() })
          expect(result).toMatchObject({ connectionLost: true, canceled: false, timedOut: false, exitCode: null })
          expect(result.stdout.trim()).not.toBe('')
          expect(relayed.closed).toBe(true)
          expect(await relayed.run({ line: far.shell.exit(0) })).toMatchObject({ connectionLost: true })
          await expect.poll(() => far.isRunning(result.stdout.trim()), { timeout: 10_000 }).toBe(false)
        })
      })

      it('calls a connection that is cut under a transfer lost, both ways', async () => {
        const path = far.path('cut.bin')
        await session.upload(randomBytes(8 * 1024 * 1024), path)
        await throughRelay(async (relay, relayed) => {
          const cutAfterSome = { onProgress: () => relay.cut() }
          const target = join(folder, 'cut.bin')
          const error = await relayed.download(path, target, cutAfterSome).catch(error => error)
          expect(error).toBeInstanceOf(TransferError)
          expect(error).toMatchObject({ code: 'CONNECTION_LOST' })
          await expect(relayed.upload(Buffer.from('x'), path)).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
        })
        await throughRelay(async (relay, relayed) => {
          const upload = relayed.upload(randomBytes(8 * 1024 * 1024), path, { onProgress: () => relay.cut() })
          await expect(upload).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
        })
        expect((await readdir(folder)).filter(name => name.startsWith('cut'))).toEqual([])
      })

      it('gives up connecting with the reason of the abort', async () => {
        const reason = new Error('enough')
        await expect(far.transport().connect(AbortSignal.abort(reason))).rejects.toBe(reason)
        const relay = await startRelay(far.port)
        relay.swallow()
        const stop = new AbortController()
        const connecting = far.transport({ port: relay.port }).connect(stop.signal)
        await expect.poll(() => relay.accepted).toBe(1)
        stop.abort(reason)
        await expect(connecting).rejects.toBe(reason)
        await relay.close()
      })

      it('is closed after close, and says so instead of hanging', async () => {
        const own = await far.transport().connect()
        expect(own.closed).toBe(false)
        await Promise.all([own.close(), own.close()])
        expect(own.closed).toBe(true)
        expect(await own.run({ line: far.shell.exit(0) })).toMatchObject({ connectionLost: true, exitCode: null })
        await expect(own.upload(Buffer.from('x'), far.path('closed'))).rejects.toBeInstanceOf(ToolError)
      })
    })
  })
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
