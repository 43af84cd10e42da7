import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Shell } from '../../../../src/transport/winrm/shell/shell.js'
import { readEnvelopeLimit } from '../../../../src/transport/winrm/wsman/service-config.js'
import { startRelay } from '../../relay.js'
import { clientTo, type Listener, startListener, transportTo } from '../listener.js'
import { startMiddle } from '../man-in-the-middle.js'

let listener: Listener

beforeEach(async () => {
  listener = await startListener()
})
afterEach(() => listener.close())

const inTime = { operationTimeoutMs: 300, answerGraceMs: 300 }

describe('a copy', () => {
  const data = randomBytes(3 * 1024 * 1024)
  const path = 'C:\\Users\\exadmin\\package.msp'
  const sha256 = createHash('sha256').update(data).digest('hex')

  it('goes on where the one before was cut', async () => {
    const relay = await startRelay(listener.port)
    const first = await transportTo(relay.port).connect()
    const cut = first.upload(data, path, { onProgress: bytes => bytes > 1_000_000 && relay.cut() })
    await expect(cut).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect.poll(() => listener.service.shellCount, { timeout: 10_000 }).toBe(0)
    const kept = listener.host.files.stat(path)?.bytes ?? 0
    expect(kept).toBeGreaterThan(0)
    const second = await transportTo(listener.port).connect()
    const progress: number[] = []
    const done = await second.upload(data, path, { onProgress: bytes => progress.push(bytes) })
    expect(done).toEqual({ bytes: data.length, sha256 })
    expect(progress[0]).toBe(kept)
    expect(progress.at(-1)).toBe(data.length)
    expect(Buffer.from(listener.host.files.read(path)).equals(data)).toBe(true)
    await second.close()
    await relay.close()
  })

  it('goes on after a restart of the server in the middle of it', async () => {
    const { host } = listener
    const transport = transportTo(listener.port)
    const first = await transport.connect()
    const restart = (bytes: number) => {
      if (bytes < 2_000_000 || host.network.down) return
      host.network.down = true
      host.network.cut()
    }
    await expect(first.upload(data, path, { onProgress: restart })).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(transport.connect()).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    host.network.down = false
    const second = await transport.connect()
    const progress: number[] = []
    const done = await second.upload(data, path, { onProgress: bytes => progress.push(bytes) })
    expect(done).toEqual({ bytes: data.length, sha256 })
    expect(progress[0]).toBeGreaterThanOrEqual(1_000_000)
    await second.close()
    expect(listener.service.shellCount).toBe(0)
  })

  it('that is refused, large or small, says why and leaves nothing running', async () => {
    const session = await transportTo(listener.port).connect()
    for (const bytes of [data, data.subarray(0, 1000)]) {
      const refused = session.upload(bytes, 'C:\\nowhere\\package.msp')
      await expect(refused).rejects.toMatchObject({ code: 'FILE_MISSING' })
    }
    const missing = session.upload('/nowhere/package.msp', path)
    await expect(missing).rejects.toMatchObject({ code: 'LOCAL_FILE' })
    expect(await session.upload(data, path)).toEqual({ bytes: data.length, sha256 })
    await session.close()
  })

  it('of a large file is one program on the server, whatever is there', async () => {
    const session = await transportTo(listener.port).connect()
    await session.upload(data, path)
    await session.upload(data, path)
    expect(listener.service.operationCount).toBe(2)
    await session.close()
  })

  it('sends nothing of what is there already, and starts anew over what is something else', async () => {
    const session = await transportTo(listener.port).connect()
    await session.upload(data, path)
    const progress: number[] = []
    await session.upload(data, path, { onProgress: bytes => progress.push(bytes) })
    expect(progress).toEqual([data.length])
    listener.host.files.write(path, randomBytes(500_000))
    expect(await session.upload(data, path)).toEqual({ bytes: data.length, sha256 })
    await session.close()
  })

  it.for([150, 500])('goes in messages near the size that the server takes: %d KB', async kilobytes => {
    const sized = await startListener({ maxEnvelopeKilobytes: kilobytes })
    const middle = await startMiddle(sized.port)
    const { client, pool } = await clientTo(sized.port, inTime)
    expect(await readEnvelopeLimit(client)).toBe(kilobytes * 1024)
    pool.close()
    const session = await transportTo(middle.port).connect()
    expect(await session.upload(data, path)).toEqual({ bytes: data.length, sha256 })
    await session.close()
    const largest = Math.max(...middle.asked.flat().map(headers => Number(headers['content-length'])))
    expect(largest).toBeLessThanOrEqual(kilobytes * 1024)
    expect(largest).toBeGreaterThan(kilobytes * 1024 * 0.9)
    await middle.close()
    await sized.close()
  })

  it('says that a message is too large where it is', async () => {
    const { client, pool } = await clientTo(listener.port, inTime)
    const shell = await Shell.create(client)
    const id = await shell.command('findstr "^" >nul', [], [])
    await expect(shell.send(id, Buffer.alloc(600_000), true)).rejects.toMatchObject({
      code: 'ENVELOPE_TOO_LARGE',
      hint: expect.stringContaining('MaxEnvelopeSizekb'),
    })
    await shell.delete()
    pool.close()
  })
})
