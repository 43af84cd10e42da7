import { afterEach, describe, expect, it } from 'vitest'
import { namespaces } from '../../../src/transport/winrm/soap/names.js'
import { defaultEnvelopeBytes } from '../../../src/transport/winrm/wsman/client.js'
import { payloadOf, readEnvelopeLimit, readServiceConfig } from '../../../src/transport/winrm/wsman/service-config.js'
import { type Answering, startAnswering } from './answering.js'

describe('the configuration of a service', () => {
  let service: Answering

  afterEach(() => service.close())

  async function answering(config: string): Promise<void> {
    const { s, a, cfg } = namespaces
    service = await startAnswering(({ messageId }) => ({
      body:
        `<s:Envelope xmlns:s="${s}" xmlns:a="${a}" xmlns:cfg="${cfg}"><s:Header><a:RelatesTo>${messageId}</a:RelatesTo></s:Header>` +
        `<s:Body><cfg:Config>${config}</cfg:Config></s:Body></s:Envelope>`,
    }))
  }

  it.for([
    ['500', 500 * 1024],
    ['150', 150 * 1024],
    ['0', defaultEnvelopeBytes],
    ['-1', defaultEnvelopeBytes],
    ['7', defaultEnvelopeBytes],
    ['150.5', defaultEnvelopeBytes],
    ['NaN', defaultEnvelopeBytes],
    ['1e400', defaultEnvelopeBytes],
    ['', defaultEnvelopeBytes],
    ['1000000000', 4 * 1024 * 1024],
  ] as const)('with MaxEnvelopeSizekb %s allows messages of %s bytes', async ([kilobytes, bytes]) => {
    await answering(`<cfg:MaxEnvelopeSizekb>${kilobytes}</cfg:MaxEnvelopeSizekb>`)
    expect(await readEnvelopeLimit(service.client)).toBe(bytes)
    expect(payloadOf(bytes)).toBeGreaterThan(0)
  })

  it('takes no names that are none: thousands of settings in a long one', async () => {
    const long = 'n'.repeat(60_000)
    const inner = Array.from({ length: 15_000 }, (_, at) => `<a${at}/>`).join('')
    await answering(`<cfg:Winrs><cfg:X>1</cfg:X></cfg:Winrs><${long}>${inner}</${long}>`)
    expect([...(await readServiceConfig(service.client))]).toEqual([['Winrs/X', '1']])
  })
})
