import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { generate } from 'selfsigned'
import { describe, expect, it } from 'vitest'
import { dial } from '../../../../src/transport/winrm/http/dial.js'

describe('a TLS server', () => {
  it('whose certificate has no name at all is refused like any other', async () => {
    const { private: key, cert } = await generate([], { keyType: 'ec', algorithm: 'sha256' })
    const server = createServer({ key, cert })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const dialed = dial({ host: '127.0.0.1', port, tls: { trust: {} }, timeoutMs: 50_000 })
    await expect(dialed).rejects.toMatchObject({
      code: 'TLS_UNTRUSTED',
      message: expect.stringContaining('without a name'),
    })
    await new Promise(done => server.close(done))
  })
})
