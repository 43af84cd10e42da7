import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseInventory } from '../../src/inventory/parse.js'
import { file, inventoryText, parse, thrown } from './inventory-text.js'

const pin = `SHA256:${'a'.repeat(42)}8`

describe('parseInventory', () => {
  it('fills in the defaults: ssh, port 22, no groups, not facing the internet', () => {
    const exadmin = { name: 'exadmin', username: 'CONTOSO\\exadmin', password: { env: 'EXROLL_PASSWORD' } }
    expect(parse(['{ name: a, host: a.example }'])).toEqual({
      file,
      credentials: [exadmin],
      servers: [
        {
          ...{ name: 'a', host: 'a.example', port: 22, transport: 'ssh', roles: ['mailbox'], groups: [] },
          internetFacing: false,
          credential: exadmin,
          ssh: {},
          winrm: {},
        },
      ],
    })
  })

  it.each([
    ['transport: ssh', 22],
    ['transport: auto', 22],
    ['transport: winrm', 5985],
    ['transport: winrm, winrm: { scheme: https }', 5986],
    ['transport: powershell', 5985],
    ['transport: winrm, port: 8080', 8080],
  ])('gives %s the port %i', (its, port) => {
    expect(parse([`{ name: a, host: a, ${its} }`]).servers[0]?.port).toBe(port)
  })

  it('lets groups win over defaults, later groups over earlier, the server over all, key by key within ssh and winrm', () => {
    const top = [
      'defaults: { credential: exadmin, site: Default, roles: [hub], ssh: { jump: one, connect_timeout: 10s } }',
      'groups:',
      '  a: { site: A, ssh: { jump: two, keep_alive: 5s } }',
      '  b: { site: B, roles: [cas, um] }',
    ].join('\n')
    const { servers } = parse(
      [
        '{ name: none, host: h1 }',
        '{ name: ab, host: h2, groups: [a, b] }',
        '{ name: ba, host: h3, groups: [b, a], site: Own, ssh: { jump: three } }',
      ],
      top,
    )
    expect(servers.map(({ site, roles, ssh }) => ({ site, roles, ssh }))).toEqual([
      { site: 'Default', roles: ['hub'], ssh: { jump: 'one', connectTimeoutMs: 10_000 } },
      { site: 'B', roles: ['cas', 'um'], ssh: { jump: 'two', connectTimeoutMs: 10_000, keepAliveMs: 5_000 } },
      { site: 'Own', roles: ['cas', 'um'], ssh: { jump: 'three', connectTimeoutMs: 10_000, keepAliveMs: 5_000 } },
    ])
  })

  it('does not give a server the port of a transport that it does not use', () => {
    const top = 'defaults: { credential: exadmin, roles: [hub], transport: winrm, port: 8080 }'
    const { servers } = parse(['{ name: a, host: a }', '{ name: b, host: b, transport: ssh }'], top)
    expect(servers.map(({ port }) => port)).toEqual([8080, 22])
  })

  it("takes paths from the inventory's folder, and ~/ from the operator's home", () => {
    const text = [
      'credentials:',
      '  one: { username: u, password: { file: secrets/p }, key: { file: ~/.ssh/id, passphrase: { file: ../pp } } }',
      'defaults: { credential: one, roles: [hub] }',
      'servers: [{ name: a, host: a, ssh: { known_hosts: ./kh }, winrm: { ca: /etc/ca.pem } }]',
    ].join('\n')
    const [server] = parseInventory(text, file, { home: '/home/op' }).servers
    expect(server?.credential).toMatchObject({
      password: { file: '/fleet/secrets/p' },
      key: { file: '/home/op/.ssh/id', passphrase: { file: '/pp' } },
    })
    expect(server?.ssh.knownHosts).toBe('/fleet/kh')
    expect(server?.winrm.ca).toBe('/etc/ca.pem')
  })

  it.each([
    ['{ env: NAME }', { env: 'NAME' }],
    ['{ file: /p }', { file: '/p' }],
    ['{ command: [pass, show, x] }', { command: ['pass', 'show', 'x'] }],
    ['{ vault: { entry: x } }', { vault: { entry: 'x' } }],
    ['{ vault: { entry: x, name: Work } }', { vault: { entry: 'x', name: 'Work' } }],
    ['{ prompt: true }', { prompt: true }],
  ])('reads the secret source %s', (written, source) => {
    const text = `credentials: { c: { username: u, password: ${written} } }\nservers: [{ name: a, host: a, roles: [hub], credential: c }]`
    expect(parseInventory(text, file).servers[0]?.credential.password).toEqual(source)
  })

  it('takes an inventory as `lab up` writes it', () => {
    const lab = [
      '# A simulated fleet on this machine.',
      'credentials:',
      '  lab:',
      '    username: EXLAB\\exadmin',
      '    password:',
      '      file: /tmp/inv.yaml.password',
      'defaults:',
      '  transport: ssh',
      '  credential: lab',
      'groups:',
      '  hq:',
      '    site: hq',
      'servers:',
      ...['a', 'b'].flatMap((node, index) => [
        `  - name: ex-mbx-02${node}`,
        '    host: 127.0.0.1',
        `    port: ${40000 + index}`,
        '    roles:\n      - mailbox',
        '    groups:\n      - hq',
        '    cluster:\n      type: ccr\n      name: ex-cms-02',
        `    ssh:\n      host_key: ${pin}`,
      ]),
    ].join('\n')
    expect(parseInventory(lab, file).servers[1]).toMatchObject({
      ...{ name: 'ex-mbx-02b', port: 40001, site: 'hq', cluster: { type: 'ccr', name: 'ex-cms-02' } },
      ssh: { hostKey: pin },
      credential: { username: 'EXLAB\\exadmin', password: { file: '/tmp/inv.yaml.password' } },
    })
  })

  it('takes the example that exroll ships', () => {
    const example = join(import.meta.dirname, '../../inventory/example.yaml')
    const { servers } = parseInventory(readFileSync(example, 'utf8'), example)
    expect(servers.map(({ name, transport, port }) => `${name} ${transport} ${port}`)).toEqual([
      'ex-edge-01 winrm 5985',
      'ex-cas-01 winrm 5985',
      'ex-cas-02 winrm 5985',
      'ex-hub-01 winrm 5985',
      'ex-mbx-02a ssh 2222',
      'ex-mbx-02b winrm 5986',
    ])
  })

  it('keeps the order of 500 servers', () => {
    const names = Array.from({ length: 500 }, (_, index) => `s${(index * 7919) % 500}`)
    const { servers } = parse(names.map(name => `{ name: ${name}, host: ${name} }`))
    expect(servers.map(({ name }) => name)).toEqual(names)
  })

  it('never shows an inline password, wherever and however it is written', () => {
    const write = fc.constantFrom(
      (word: string) => `password: ${word}`,
      (word: string) => `password: "${word}"`,
      (word: string) => `password: [${word}]`,
      (word: string) => `password: {${word}}`,
      (word: string) => `password: { value: ${word} }`,
      (word: string) => `pasword: ${word}`,
      (word: string) => `passphrase: ${word}`,
      (word: string) => `key: { file: k, passphrase: ${word} }`,
    )
    const word = fc.stringMatching(/^[bdfghjkmqvwxz]{7,10}$/)
    fc.assert(
      fc.property(write, word, (line, secret) => {
        const text = `credentials: { c: { username: u, ${line(secret)} } }\nservers: []\n`
        expect(thrown(text).message).not.toContain(secret)
        expect(JSON.stringify(thrown(text).problems)).not.toContain(secret)
      }),
    )
  })

  it('has the text of every problem in one error', () => {
    const error = thrown(inventoryText(['{ name: a, host: a, colour: red }', '{ name: A, host: b, port: 0 }']))
    expect(error.message).toContain('/fleet/inventory.yaml:4:25: unknown key "colour"')
    expect(error.message).toContain('/fleet/inventory.yaml:5:13: another server (line 4) is called "A" too')
    expect(error.message).toContain('/fleet/inventory.yaml:5:31: port must be 1 or more')
  })
})
