import { describe, expect, it } from 'vitest'
import type { Credential } from '../../src/inventory/model.js'
import { maskText } from '../../src/secrets/mask.js'
import { openSecrets } from '../../src/secrets/secrets.js'

const admin: Credential = { name: 'admin', username: 'CONTOSO\\admin', password: { prompt: true } }
const other: Credential = { name: 'other', username: 'other', password: { prompt: true } }

describe('openSecrets', () => {
  it('asks once for each credential, however many servers want it at once', async () => {
    const asked: string[] = []
    const secrets = openSecrets({
      env: {},
      prompt: async subject => {
        asked.push(subject)
        return `secret of ${subject}`
      },
    })
    const passwords = await Promise.all([admin, other, admin, { ...admin }].map(one => secrets.password(one)))
    expect(asked).toEqual(['Password for CONTOSO\\admin', 'Password for other'])
    expect(new Set(passwords).size).toBe(2)
  })

  it('does not ask again after a failure', async () => {
    let asked = 0
    const secrets = openSecrets({
      env: {},
      prompt: async () => {
        asked++
        throw new Error('Ctrl-C')
      },
    })
    await expect(secrets.password(admin)).rejects.toThrow('Ctrl-C')
    await expect(secrets.password(admin)).rejects.toThrow('Ctrl-C')
    expect(asked).toBe(1)
  })

  it('masks what it gave', async () => {
    const secrets = openSecrets({ env: { PW: 'hunter2', PP: 'open sesame' } })
    const credential: Credential = {
      name: 'key',
      username: 'ops',
      password: { env: 'PW' },
      key: { file: '/key', passphrase: { env: 'PP' } },
    }
    expect(secrets.masker.mask('hunter2')).toBe('hunter2')
    expect(await secrets.password(credential)).toBe('hunter2')
    expect(await secrets.passphrase(credential)).toBe('open sesame')
    expect(secrets.masker.mask('hunter2, open sesame')).toBe(`${maskText}, ${maskText}`)
  })

  it('gives nothing where the credential has none', async () => {
    const secrets = openSecrets({ env: {} })
    expect(await secrets.password({ name: 'agent', username: 'ops', agent: true })).toBeUndefined()
    expect(await secrets.passphrase({ name: 'key', username: 'ops', key: { file: '/key' } })).toBeUndefined()
  })

  it('takes what another process hands over, asks for none of it, and masks it', async () => {
    const first = openSecrets({ env: {}, prompt: async () => 'hunter2 & co' })
    await first.password(admin)
    const second = openSecrets({ env: {}, given: await first.handOver() })
    expect(await second.password(admin)).toBe('hunter2 & co')
    expect(second.masker.mask('it is hunter2 & co')).toBe(`it is ${maskText}`)
    await expect(second.password(other)).rejects.toMatchObject({ code: 'SECRET_NO_TERMINAL' })
  })
})
