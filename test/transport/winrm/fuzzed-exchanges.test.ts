import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ToolError } from '../../../src/errors.js'
import { openSecrets } from '../../../src/secrets/secrets.js'
import { Channel } from '../../../src/transport/winrm/channel/channel.js'
import { ChannelPool } from '../../../src/transport/winrm/channel/channel-pool.js'
import { HttpConnectionError } from '../../../src/transport/winrm/http/http-connection.js'
import { WinrmSession } from '../../../src/transport/winrm/session.js'
import { Shell } from '../../../src/transport/winrm/shell/shell.js'
import { readTarget } from '../../../src/transport/winrm/target.js'
import { WsmanClient } from '../../../src/transport/winrm/wsman/client.js'
import { formsOf } from '../../process-watch.js'
import { startDamagingRelay } from './damaging-relay.js'
import { type Listener, serverAt, startListener } from './listener.js'

const secret = 'Told-On-Stdin-Only'

/** A session whose times are short: an answer that promises more than comes is waited for. */
async function connect(port: number): Promise<WinrmSession> {
  const target = await readTarget(serverAt(port), openSecrets({ env: { PASSWORD: 'right' } }))
  const pool = new ChannelPool(signal => Channel.open({ ...target, timeoutMs: 400 }, signal))
  const where = `127.0.0.1:${port}`
  const client = new WsmanClient({
    pool,
    url: `http://${where}/wsman`,
    where,
    operationTimeoutMs: 200,
    answerGraceMs: 200,
  })
  try {
    const createShell = () => Shell.create(client)
    const shell = await createShell()
    return new WinrmSession({ client, pool, shell, createShell, onLeaked: () => undefined })
  } catch (error) {
    pool.close()
    throw error
  }
}

/** Bits, cuts, repeats, lengths and other text in the bytes of an answer. */
const damage: fc.Arbitrary<(bytes: Buffer) => Buffer> = fc
  .record({
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    count: fc.integer({ min: 1, max: 40 }),
    kind: fc.constantFrom('flip', 'cut', 'drop', 'repeat', 'number', 'text'),
    number: fc.constantFrom('0', '-1', '1', '99999', '4294967296', '18446744073709551616', 'x'),
    text: fc.constantFrom('\r\n', '\0', ' ', 'HTTP/1.1 200 OK\r\n\r\n', '--Encrypted Boundary--', ',', '='),
  })
  .map(({ at, count, kind, number, text }) => bytes => {
    const from = Math.floor(at * bytes.length)
    const head = bytes.subarray(0, from)
    const rest = bytes.subarray(from)
    switch (kind) {
      case 'flip':
        return Buffer.concat([head, Buffer.of((rest[0] ?? 0) ^ (1 << (count % 8))), rest.subarray(1)])
      case 'cut':
        return head
      case 'drop':
        return Buffer.concat([head, rest.subarray(count)])
      case 'repeat':
        return Buffer.concat([head, rest.subarray(0, count), rest])
      case 'number':
        return Buffer.from(bytes.toString('latin1').replace(/\d{2,}/, number), 'latin1')
      case 'text':
        return Buffer.concat([head, Buffer.from(text), rest])
    }
  })

describe('an exchange with one damaged answer', () => {
  let listener: Listener
  beforeAll(async () => {
    listener = await startListener({ maxShellsPerUser: 10_000 })
  })
  afterAll(() => listener.close())

  /** How a short session ended; fails where that is none of the ways that it may. */
  async function exchange(nth: number, change: (bytes: Buffer) => Buffer): Promise<string> {
    const relay = await startDamagingRelay(listener.port, nth, change)
    try {
      const session = await connect(relay.port)
      const result = await session.run({ line: 'hostname', stdin: secret }, { timeoutMs: 10_000 })
      if (result.connectionLost) expect(['', 'ex-test-01\r\n']).toContain(result.stdout)
      else expect(result).toMatchObject({ exitCode: 0, stdout: 'ex-test-01\r\n', stderr: '' })
      await session.close()
      return result.connectionLost ? 'lost' : 'right'
    } catch (error) {
      if (error instanceof HttpConnectionError) return error.kind
      expect(error).toBeInstanceOf(ToolError)
      expect(error).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), hint: expect.any(String) })
      return error instanceof ToolError ? error.code : ''
    } finally {
      const sent = relay.sent().toString('latin1')
      await relay.close()
      for (const form of [...formsOf(secret), ...formsOf('right:')]) expect(sent).not.toContain(form)
    }
  }

  it('ends with the right result, a loss or an error with a code; nothing secret is sent in clear', async () => {
    const fates = new Set<string>()
    const several = fc.array(fc.tuple(fc.nat(8), damage), { minLength: 10, maxLength: 10 })
    const exchanges = fc.asyncProperty(several, async damages => {
      for (const fate of await Promise.all(damages.map(each => exchange(...each)))) fates.add(fate)
    })
    await fc.assert(exchanges, { numRuns: 12, endOnFailure: true })
    // Damage was met in more than one layer: the logon, HTTP, the seal.
    expect(fates.size).toBeGreaterThan(3)
  })
})
