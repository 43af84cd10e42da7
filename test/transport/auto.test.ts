import { describe, expect, it } from 'vitest'
import { AuthError, ConnectError } from '../../src/errors.js'
import type { InventoryServer } from '../../src/inventory/model.js'
import { allowedWays, atItsPort, autoTransport } from '../../src/transport/auto.js'
import type { Session } from '../../src/transport/transport.js'
import type { Way } from '../../src/transport/transport-for.js'
import { inventoryServer } from './inventory-server.js'

const server: InventoryServer = {
  ...inventoryServer(22, { name: 'a', username: 'exadmin', agent: true }, {}),
  transport: 'auto',
}

/** A session nobody uses: only how it came about matters here. */
const session = (): Session => ({
  run: () => Promise.reject(new Error('not used')),
  upload: () => Promise.reject(new Error('not used')),
  download: () => Promise.reject(new Error('not used')),
  close: async () => undefined,
  closed: false,
})

function ways(answers: Partial<Record<Way, Error>>) {
  const tried: string[] = []
  const open = (at: InventoryServer, way: Way) => ({
    connect: async () => {
      tried.push(`${way}:${at.port}`)
      const answer = answers[way]
      if (answer !== undefined) throw answer
      return session()
    },
  })
  return { tried, open, remembered: new Map<string, Way>() }
}

const closed = new ConnectError('nothing listens', { code: 'CONNECT_FAILED' })

describe('autoTransport', () => {
  it('takes the first way that works, says which, and remembers it', async () => {
    const { tried, open, remembered } = ways({ ssh: closed })
    expect((await autoTransport(server, { open, remembered }).connect()).via).toBe('winrm')
    expect(tried).toEqual(['ssh:22', 'winrm:5985'])
    expect((await autoTransport(server, { open, remembered }).connect()).via).toBe('winrm')
    expect(tried).toEqual(['ssh:22', 'winrm:5985', 'winrm:5985'])
  })

  it('does not send a refused password another way', async () => {
    const refused = new AuthError('no', { code: 'AUTH_FAILED' })
    const { tried, open, remembered } = ways({ ssh: refused })
    await expect(autoTransport(server, { open, remembered }).connect()).rejects.toBe(refused)
    expect(tried).toEqual(['ssh:22'])
  })

  it('tries no other way where somebody else answers in place of the server', async () => {
    for (const code of ['HOST_KEY_CHANGED', 'HOST_KEY_REVOKED', 'SIGNATURE_INVALID', 'UNSEALED_ANSWER']) {
      const stranger = new ConnectError('another key', { code })
      const { tried, open, remembered } = ways({ ssh: stranger })
      await expect(autoTransport(server, { open, remembered }).connect()).rejects.toBe(stranger)
      expect(tried).toEqual(['ssh:22'])
    }
  })

  it('says of each way why it did not work', async () => {
    const { open, remembered } = ways({ ssh: closed, winrm: closed, powershell: closed })
    const error = await autoTransport(server, { open, remembered })
      .connect()
      .catch(error => error)
    expect(error).toMatchObject({ code: 'NO_TRANSPORT' })
    for (const way of ['ssh', 'winrm', 'powershell']) expect(error.message).toContain(`${way}: CONNECT_FAILED`)
  })
})

describe('allowedWays', () => {
  it('are those with a section in the inventory, else all, always in the same order', () => {
    expect(allowedWays(server)).toEqual(['ssh', 'winrm', 'powershell'])
    expect(allowedWays({ ...server, winrm: { scheme: 'https' } })).toEqual(['winrm'])
    expect(allowedWays({ ...server, powershell: { over: 'winrm' }, ssh: { hostKey: 'SHA256:x' } })).toEqual([
      'ssh',
      'powershell',
    ])
  })
})

describe('atItsPort', () => {
  it('gives each way a port of its own', () => {
    const secure = { ...server, port: 2222, winrm: { scheme: 'https' as const } }
    expect((['ssh', 'winrm', 'powershell'] as const).map(way => atItsPort(secure, way).port)).toEqual([
      2222, 5986, 5985,
    ])
    expect(atItsPort({ ...secure, powershell: { over: 'ssh' } }, 'powershell').port).toBe(2222)
  })
})
