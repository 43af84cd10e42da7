import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type FileRequest,
  fileAgentLine,
  readFileAnswer,
  readFileRequest,
  writeFileAnswer,
  writeFileRequest,
} from '../../../src/transport/winrm/files/file-agent.js'
import { powershells } from '../../powershell-host/host.js'

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const tested = powershells()

describe('the command line that copies files', () => {
  it('is the same for every file, ASCII, and fits into what cmd.exe takes', () => {
    expect(fileAgentLine()).toMatch(/^powershell\.exe [ -~]+$/)
    expect(fileAgentLine().length).toBeLessThan(8191)
  })

  it('is asked and answers in one line each', () => {
    const request: FileRequest = { verb: 'put', path: 'C:\\Größe & 日本.msp', offset: 12 }
    expect(readFileRequest(writeFileRequest(request).trimEnd())).toEqual(request)
    const answers = [
      { ok: true, bytes: 3, sha256: sha256(Buffer.from('abc')) },
      { ok: false, code: 'FILE_MISSING', message: 'Größe is not there' },
    ] as const
    for (const answer of answers) expect(readFileAnswer(writeFileAnswer(answer).trimEnd())).toEqual(answer)
    const asking: FileRequest = { verb: 'put', path: 'C:\\x.msp', offset: 'ask' }
    expect(readFileRequest(writeFileRequest(asking).trimEnd())).toEqual(asking)
    for (const text of ['', 'ok', 'ok x y', 'error', 'exroll-file/1 put ? 0']) {
      expect(readFileAnswer(text)).toBeUndefined()
      expect(readFileRequest(text)).toBeUndefined()
    }
  })
})

describe.skipIf(tested.length === 0)('Copy-File.ps1 (skipped where there is no PowerShell)', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-copy-file-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs the fixed line with a request and what follows it; the answer and what follows it. */
  function ask(program: string, request: FileRequest, data: Uint8Array = new Uint8Array()) {
    const [, ...args] = fileAgentLine().split(' ')
    return new Promise<{ answer: ReturnType<typeof readFileAnswer>; rest: Buffer; code: number | null }>(
      (resolve, reject) => {
        const child = spawn(program, args, { timeout: 50_000 })
        const out: Buffer[] = []
        child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
        child.once('error', reject)
        child.once('close', code => {
          const whole = Buffer.concat(out)
          const end = whole.indexOf(0x0a)
          resolve({
            answer: readFileAnswer(whole.subarray(0, end).toString('latin1')),
            rest: whole.subarray(end + 1),
            code,
          })
        })
        child.stdin.on('error', () => undefined)
        child.stdin.end(Buffer.concat([Buffer.from(writeFileRequest(request)), data]))
      },
    )
  }

  describe.for(tested)('in $name', ({ program }) => {
    it('writes what comes, byte for byte, and says its hash', async () => {
      const data = randomBytes(200_001)
      const path = join(folder, "it's Größe.bin")
      const { answer, code } = await ask(program, { verb: 'put', path, offset: 0 }, data)
      expect(answer).toEqual({ ok: true, bytes: data.length, sha256: sha256(data) })
      expect(code).toBe(0)
      expect(readFileSync(path).equals(data)).toBe(true)
    })

    it('goes on at an offset, and cuts off what was behind it', async () => {
      const path = join(folder, 'resumed.bin')
      writeFileSync(path, 'abcdefgh')
      const { answer } = await ask(program, { verb: 'put', path, offset: 3 }, Buffer.from('XY'))
      expect(readFileSync(path, 'utf8')).toBe('abcXY')
      expect(answer).toEqual({ ok: true, bytes: 5, sha256: sha256(Buffer.from('abcXY')) })
    })

    it('says what is there before it is told where to go on', async () => {
      const path = join(folder, 'asked.bin')
      writeFileSync(path, 'abcdefgh')
      const { answer, rest } = await ask(program, { verb: 'put', path, offset: 'ask' }, Buffer.from('5\nXY'))
      expect(answer).toEqual({ ok: true, bytes: 8, sha256: sha256(Buffer.from('abcdefgh')) })
      expect(readFileSync(path, 'utf8')).toBe('abcdeXY')
      const second = readFileAnswer(rest.toString('latin1').trimEnd())
      expect(second).toEqual({ ok: true, bytes: 7, sha256: sha256(Buffer.from('abcdeXY')) })
    })

    it('leaves a file as it is when it is not told where to go on', async () => {
      const path = join(folder, 'left.bin')
      writeFileSync(path, 'abcdefgh')
      const { rest, code } = await ask(program, { verb: 'put', path, offset: 'ask' }, Buffer.from('5'))
      expect(readFileAnswer(rest.toString('latin1').trimEnd())).toMatchObject({ ok: false })
      expect(code).toBe(1)
      expect(readFileSync(path, 'utf8')).toBe('abcdefgh')
    })

    it('empties a file', async () => {
      const path = join(folder, 'emptied.bin')
      writeFileSync(path, 'abc')
      const { answer } = await ask(program, { verb: 'put', path, offset: 0 })
      expect(answer).toEqual({ ok: true, bytes: 0, sha256: sha256(Buffer.alloc(0)) })
    })

    it('reads a file, its hash first', async () => {
      const data = randomBytes(150_000)
      const path = join(folder, 'read.bin')
      writeFileSync(path, data)
      const { answer, rest } = await ask(program, { verb: 'get', path, offset: 0 })
      expect(answer).toEqual({ ok: true, bytes: data.length, sha256: sha256(data) })
      expect(rest.equals(data)).toBe(true)
    })

    it('hashes a file and removes it', async () => {
      const path = join(folder, 'removed.bin')
      writeFileSync(path, 'abc')
      expect((await ask(program, { verb: 'hash', path, offset: 0 })).answer).toMatchObject({ bytes: 3 })
      expect((await ask(program, { verb: 'remove', path, offset: 0 })).answer).toMatchObject({ ok: true })
      const { answer, code } = await ask(program, { verb: 'hash', path, offset: 0 })
      expect(answer).toMatchObject({ ok: false, code: 'FILE_MISSING' })
      expect(code).toBe(1)
    })

    it('says which folder is missing', async () => {
      const path = join(folder, 'not', 'there.bin')
      const { answer } = await ask(program, { verb: 'put', path, offset: 0 }, Buffer.from('x'))
      expect(answer).toMatchObject({ ok: false, code: 'FILE_MISSING' })
    })
  })
})
