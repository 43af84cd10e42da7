import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TransferError } from '../../../../src/errors.js'
import type { FileAgent } from '../../../../src/transport/winrm/files/ask-agent.js'
import { readFileRequest, writeFileAnswer } from '../../../../src/transport/winrm/files/file-agent.js'
import { download, upload } from '../../../../src/transport/winrm/files/transfer.js'

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

/** A server with one file. Of the first `uncertain` puts it takes some bytes and does not say so; `damage` = it writes other ones. */
function serverWith(
  uncertain: number,
  { damage = false, before = Buffer.alloc(0) } = {},
): { agent: FileAgent; asked: string[]; file: () => Buffer } {
  let file: Buffer = before
  let left = uncertain
  const asked: string[] = []
  const agent: FileAgent = {
    where: 'ex-01',
    payloadBytes: async () => 300_000,
    async run({ stdin }, { onStdout }) {
      const say = () => onStdout?.(Buffer.from(writeFileAnswer({ ok: true, bytes: file.length, sha256: sha256(file) })))
      const input = typeof stdin === 'object' && 'chunks' in stdin ? stdin.chunks : asChunks(Buffer.from(stdin ?? ''))
      const chunks = input[Symbol.asyncIterator]()
      const next = async (): Promise<Buffer | undefined> => {
        const { value, done } = await chunks.next()
        if (done === true) return undefined
        return value.length === 0 ? next() : Buffer.from(value)
      }
      const request = readFileRequest((await next())?.toString().trimEnd() ?? '')
      if (request === undefined) throw new Error('no request')
      let { offset } = request
      if (offset === 'ask') {
        await say()
        offset = Number((await next())?.toString())
      }
      asked.push(`${request.verb} ${offset}`)
      if (request.verb === 'put') {
        const doubtful = left > 0
        left -= 1
        file = file.subarray(0, offset)
        for (let piece = 0; !doubtful || piece < 3; piece += 1) {
          const chunk = await next()
          if (chunk === undefined) break
          file = Buffer.concat([file, damage ? chunk.map(byte => byte ^ 1) : chunk])
        }
        if (doubtful) throw new TransferError('nobody said so', { code: 'INPUT_UNCERTAIN' })
      }
      await say()
      const nothing = { stdout: '', stderr: '', durationMs: 0, timedOut: false, canceled: false, connectionLost: false }
      return { ...nothing, exitCode: 0 }
    },
  }
  return { agent, asked, file: () => file }
}

async function* asChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

describe('an upload of which the server did not say whether it took a piece', () => {
  const data = randomBytes(2_000_000)

  it('looks what is there, and goes on from it', async () => {
    const { agent, asked, file } = serverWith(2)
    expect(await upload(agent, data, 'C:\\x.msp', {})).toEqual({ bytes: data.length, sha256: sha256(data) })
    expect(asked).toEqual(['put 0', 'put 900000', 'put 1800000'])
    expect(file().equals(data)).toBe(true)
  })

  it('gives up when that does not end', async () => {
    const { agent, asked } = serverWith(100)
    const small = data.subarray(0, 500_000)
    await expect(upload(agent, small, 'C:\\x.msp', {})).rejects.toMatchObject({ code: 'INPUT_UNCERTAIN' })
    expect(asked).toEqual(['put 0', 'put 0', 'put 0', 'put 0'])
  })
})

describe('an upload', () => {
  it('that gets no answer says what PowerShell wrote, in words', async () => {
    const stderr = '#< CLIXML\r\n<Objs xmlns="urn:x"><S S="Error">It is turned off._x000D__x000A_</S></Objs>'
    const agent: FileAgent = {
      where: 'ex-01',
      payloadBytes: async () => 1000,
      run: async () => ({
        exitCode: 1,
        stdout: '',
        stderr,
        durationMs: 1,
        timedOut: false,
        canceled: false,
        connectionLost: false,
      }),
    }
    await expect(upload(agent, Buffer.from('x'), 'C:\\x', {})).rejects.toMatchObject({
      code: 'COPY_NO_ANSWER',
      message: expect.stringMatching(/\(exit code 1\): It is turned off\.$/),
    })
  })
})

describe('a program on the server that does not stop', () => {
  /** Writes the same for ever, until somebody has had enough. */
  function endless(text: string): FileAgent {
    return {
      where: 'ex-01',
      payloadBytes: async () => 300_000,
      async run(_command, { onStdout }) {
        for (;;) await onStdout?.(Buffer.from(text))
      },
    }
  }
  const held = writeFileAnswer({ ok: true, bytes: 5, sha256: sha256(Buffer.from('hello')) })

  it.for([
    ['writes a line without an end', 'x'.repeat(4000)],
    ['writes lines that are no answer', 'x\n'.repeat(2000)],
    ['answers again and again', held],
  ] as const)('but %s is not listened to for ever', async ([, text]) => {
    await expect(upload(endless(text), Buffer.from('hello'), 'C:\\x', {})).rejects.toMatchObject({
      code: 'COPY_NO_ANSWER',
      message: expect.stringContaining('ex-01'),
    })
  })

  it('does not fill the disk: a file has no more bytes than it said', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exroll-endless-'))
    const downloaded = download(endless(held), 'C:\\x', join(folder, 'x'), {})
    await expect(downloaded).rejects.toMatchObject({ code: 'COPY_NO_ANSWER' })
    expect(await readdir(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })
})

describe('an upload that was damaged on its way', () => {
  it('is noticed by the hash of the program that wrote it, whatever else is asked', async () => {
    const { agent, asked } = serverWith(0, { damage: true })
    const data = randomBytes(1000)
    const hash = async () => sha256(data)
    await expect(upload(agent, data, 'C:\\x.msp', { hash })).rejects.toMatchObject({ code: 'TRANSFER_DAMAGED' })
    expect(asked).toEqual(['put 0', 'remove 0'])
  })
})

describe('an upload over what is there already', () => {
  const data = randomBytes(1_500_000)
  const part = fc.integer({ min: 0, max: data.length })

  it('ends with the same bytes, and sends none again of a part that is the same', () =>
    fc.assert(
      fc.asyncProperty(
        part,
        fc.option(part, { nil: undefined }),
        fc.nat(100),
        fc.nat(3),
        async (length, changed, more, uncertain) => {
          const before = Buffer.concat([data.subarray(0, length), Buffer.alloc(length === data.length ? more : 0)])
          const isSame = (changed === undefined || changed >= length) && before.length <= data.length
          if (changed !== undefined && changed < length) before[changed] = (before[changed] ?? 0) ^ 1
          const { agent, asked, file } = serverWith(uncertain, { before })
          const progress: number[] = []
          const done = await upload(agent, data, 'C:\\x.msp', { onProgress: bytes => progress.push(bytes) })
          expect(done).toEqual({ bytes: data.length, sha256: sha256(data) })
          expect(file().equals(data)).toBe(true)
          expect(asked[0]).toBe(`put ${isSame ? length : 0}`)
          if (uncertain === 0) expect(progress).toEqual([...progress].sort((a, b) => a - b))
        },
      ),
      { numRuns: 60 },
    ))
})
