import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { TransferError } from '../../../src/errors.js'
import type { FileAgent } from '../../../src/transport/winrm/files/ask-agent.js'
import { readFileRequest, writeFileAnswer } from '../../../src/transport/winrm/files/file-agent.js'
import { upload } from '../../../src/transport/winrm/files/transfer.js'

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

/** A server with one file. Of the first `uncertain` puts it takes some bytes and does not say so. */
function serverWith(uncertain: number): { agent: FileAgent; asked: string[]; file: () => Buffer } {
  let file: Buffer = Buffer.alloc(0)
  let left = uncertain
  const asked: string[] = []
  const agent: FileAgent = {
    where: 'ex-01',
    payloadBytes: async () => 300_000,
    async run({ stdin }, { onStdout }) {
      const chunks: Buffer[] = []
      if (typeof stdin === 'string') chunks.push(Buffer.from(stdin))
      else if (stdin !== undefined && 'chunks' in stdin)
        for await (const chunk of stdin.chunks) chunks.push(Buffer.from(chunk))
      const [head, ...data] = chunks
      const request = readFileRequest(head?.toString().trimEnd() ?? '')
      if (request === undefined) throw new Error('no request')
      asked.push(`${request.verb} ${request.offset}`)
      if (request.verb === 'put') {
        const doubtful = left > 0
        left -= 1
        file = Buffer.concat([file.subarray(0, request.offset), ...(doubtful ? data.slice(0, 3) : data)])
        if (doubtful) throw new TransferError('nobody said so', { code: 'INPUT_UNCERTAIN' })
      }
      await onStdout?.(Buffer.from(writeFileAnswer({ ok: true, bytes: file.length, sha256: sha256(file) })))
      const nothing = { stdout: '', stderr: '', durationMs: 0, timedOut: false, canceled: false, connectionLost: false }
      return { ...nothing, exitCode: 0 }
    },
  }
  return { agent, asked, file: () => file }
}

describe('an upload of which the server did not say whether it took a piece', () => {
  const data = randomBytes(2_000_000)

  it('looks what is there, and goes on from it', async () => {
    const { agent, asked, file } = serverWith(2)
    expect(await upload(agent, data, 'C:\\x.msp', {})).toEqual({ bytes: data.length, sha256: sha256(data) })
    expect(asked).toEqual(['hash 0', 'put 0', 'hash 0', 'put 900000', 'hash 0', 'put 1800000'])
    expect(file().equals(data)).toBe(true)
  })

  it('gives up when that does not end', async () => {
    const { agent, asked } = serverWith(100)
    const small = data.subarray(0, 500_000)
    await expect(upload(agent, small, 'C:\\x.msp', {})).rejects.toMatchObject({ code: 'INPUT_UNCERTAIN' })
    expect(asked).toEqual(['put 0', 'put 0', 'put 0', 'put 0'])
  })
})
