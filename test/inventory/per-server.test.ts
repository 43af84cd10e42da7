import { describe, expect, it } from 'vitest'
import type { Credential } from '../../src/inventory/model.js'
import { parseInventory } from '../../src/inventory/parse.js'
import { credentialFor } from '../../src/inventory/per-server.js'

const server = { name: 'ex-cas-01', host: '10.0.4.11' }
const laps = (password: Credential['password']): Credential => ({
  ...{ name: 'laps', username: '.\\Administrator' },
  ...(password !== undefined && { password }),
})

describe('a credential with another password on each server', () => {
  it('has the server in the words of its command, and a name of its own, so that each is asked once', () => {
    const credential = laps({
      command: ['pwsh', '-c', '(Get-LapsADPassword {server} -AsPlainText).Password', '{host}'],
    })
    expect(credentialFor(credential, server)).toEqual({
      name: 'laps on ex-cas-01',
      username: '.\\Administrator',
      password: { command: ['pwsh', '-c', '(Get-LapsADPassword ex-cas-01 -AsPlainText).Password', '10.0.4.11'] },
    })
  })

  it('has the server in the entry of its vault', () => {
    const credential = laps({ vault: { entry: 'exchange/{server}', name: 'Work' } })
    expect(credentialFor(credential, server).password).toEqual({ vault: { entry: 'exchange/ex-cas-01', name: 'Work' } })
  })

  it.each([
    { command: ['pass', 'show', 'exadmin'] },
    { vault: { entry: 'exadmin' } },
    { env: 'PASSWORD' },
    { file: '/{server}' },
    { prompt: true as const },
    undefined,
  ])('is the very same where it leaves no place open: %o', password => {
    const credential = laps(password)
    expect(credentialFor(credential, server)).toBe(credential)
  })

  it('logs on to servers too', () => {
    const { servers, credentials } = parseInventory(
      `credentials: { laps: { username: '.\\Administrator', password: { command: [laps, '{server}'] } } }
defaults: { credential: laps, roles: [cas] }
servers: [{ name: a, host: a.example }, { name: b, host: b.example }]
`,
      '/fleet/inventory.yaml',
    )
    expect(servers.map(({ credential }) => credential.password)).toEqual([
      { command: ['laps', 'a'] },
      { command: ['laps', 'b'] },
    ])
    expect(credentials.map(({ name }) => name)).toEqual(['laps'])
  })
})

describe('a managed service account in an inventory', () => {
  const text = (username: string, rest: string) => `credentials:
  exadmin: { username: 'CONTOSO\\exadmin', password: { env: PASSWORD } }
  managed: { username: '${username}' }
defaults: { credential: exadmin, roles: [cas] }
servers: [{ name: a, host: a.example${rest} }]
`
  const problems = (of: string) => {
    try {
      parseInventory(of, '/fleet/inventory.yaml')
      return []
    } catch (error) {
      return (error as { problems: { code: string; line: number; column: number }[] }).problems
    }
  }

  it('needs no password', () => {
    const { credentials } = parseInventory(text('CONTOSO\\exroll$', ''), '/fleet/inventory.yaml')
    expect(credentials[1]).toEqual({ name: 'managed', username: 'CONTOSO\\exroll$' })
  })

  it('logs on to no server, said where it is named', () => {
    expect(problems(text('CONTOSO\\exroll$', ', credential: managed'))).toMatchObject([
      { code: 'NO_LOGON', line: 5, column: 51 },
    ])
  })

  it('is one by its name: another account without a password is wrong where it stands', () => {
    expect(problems(text('CONTOSO\\exjob', ', credential: managed'))).toMatchObject([{ code: 'NO_LOGON', line: 3 }])
  })
})
