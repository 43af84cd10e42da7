import { PassThrough } from 'node:stream'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hostSecrets, meetHost } from '../../src/commands/hosted.js'
import { inventoryServer } from '../transport/inventory-server.js'

const server = inventoryServer(22, { name: 'exadmin', username: 'CONTOSO\\exadmin', password: { prompt: true } }, {})

describe('meetHost', () => {
  it('takes credentials from the first line, however it comes in pieces', async () => {
    const stdin = new PassThrough()
    const host = meetHost(stdin)
    stdin.write('{"credentials":[{"username":"CONTOSO\\\\exadmin",')
    stdin.write('"password":"p\\u00e4ss"}]}\n')
    expect((await host).credentials).toEqual([{ username: 'CONTOSO\\exadmin', password: 'päss' }])
    expect((await host).stop.aborted).toBe(false)
  })

  it('takes the end of stdin for the first Ctrl-C, and not before', async () => {
    const stdin = new PassThrough()
    stdin.write('{"credentials":[]}\n')
    const { stop } = await meetHost(stdin)
    await new Promise(resolve => setImmediate(resolve))
    expect(stop.aborted).toBe(false)
    stdin.end()
    await expect.poll(() => stop.aborted).toBe(true)
  })

  it.each(['', 'hello\n', '{"password":"S3cret"}\n', '{"credentials":[{"username":"a","password":"S3cret","x":1}]}\n'])(
    'refuses %j without repeating it',
    async text => {
      const stdin = new PassThrough()
      stdin.end(text)
      const error = await meetHost(stdin).catch(error => error)
      expect(error).toMatchObject({ code: 'HOST_GREETING', exitCode: 3 })
      expect(inspect(error, { depth: 10 })).not.toContain('S3cret')
    },
  )
})

describe('hostSecrets', () => {
  it('gives a password to the credential with that user name only', () => {
    const given = [{ username: 'contoso\\EXADMIN', password: 'secret' }]
    expect(hostSecrets(given, [server])).toEqual({ 'password exadmin': 'secret' })
  })

  it('refuses a user name that the inventory does not have, and says which it has', () => {
    expect(() => hostSecrets([{ username: 'other', password: 'secret' }], [server])).toThrowError(
      expect.objectContaining({ code: 'CREDENTIAL_UNUSED', hint: expect.stringContaining('CONTOSO\\exadmin') }),
    )
  })
})
