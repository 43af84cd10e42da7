import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inventorySchema } from '../../src/inventory/schema.js'
import { inventoryText, parse, problemsOf, thrown } from './inventory-text.js'

const pin = `SHA256:${'a'.repeat(42)}8`

function withServer(its: string): string {
  return inventoryText([`{ name: a, host: h, ${its} }`])
}

describe('a server', () => {
  it.each([
    '10.0.4.11',
    'ex-cas-01.contoso.com',
    'EX_CAS_01',
    "'fe80::1%eth0'",
    "'2001:db8::25'",
    'b\u00fccher.example',
  ])('may be at %s', host => {
    expect(parse([`{ name: a, host: ${host} }`]).servers).toHaveLength(1)
  })

  it.each(["'a:22'", 'ssh://a', 'u@a', "'a b'", "''", '-oProxyCommand=x', '[a]', 'a..'])('may not be at %s', host => {
    expect(problemsOf(inventoryText([`{ name: a, host: ${host} }`]))).toHaveLength(1)
  })

  it.each(['../x', 'a/b', "'a\\b'", 'con', 'NUL.txt', "''", "'a.'", '-a', "'role:x'", "'a,b'", 'x'.repeat(64)])(
    'may not be called %s, as folders take its name',
    name => {
      expect(problemsOf(inventoryText([`{ name: ${name}, host: h }`])).length).toBeGreaterThan(0)
    },
  )

  it.each([
    ['port: 0', 'WRONG_VALUE'],
    ['port: 65536', 'WRONG_VALUE'],
    ["port: '22'", 'WRONG_TYPE'],
    ['transport: telnet', 'WRONG_VALUE'],
    ['roles: [cas, x]', 'WRONG_VALUE'],
    ['internet_facing: yes', 'WRONG_TYPE'],
    ['cluster: { type: nlb, name: x }', 'WRONG_VALUE'],
    ['cluster: CMS1', 'WRONG_TYPE'],
    ['ssh: { host_key: abc }', 'WRONG_VALUE'],
    ['ssh: { host_key: MD5:00 }', 'WRONG_VALUE'],
    [`ssh: { host_key: '${pin}=' , hostkey: x }`, 'UNKNOWN_KEY'],
    ['ssh: { connect_timeout: 5 }', 'WRONG_TYPE'],
    ['ssh: { jump: a b }', 'WRONG_VALUE'],
    ["winrm: { fingerprint: '00:11' }", 'WRONG_VALUE'],
    ['password: hunter2', 'UNKNOWN_KEY'],
  ])('may not have %s', (its, code) => {
    expect(thrown(withServer(its)).problems.map(problem => problem.code)).toEqual([code])
  })

  it.each([
    `ssh: { host_key: ${pin} }`,
    `ssh: { host_key: '${pin}=' }`,
    'ssh: { jump: bastion }',
    "ssh: { jump: 'CONTOSO\\op@bastion.contoso.com:2222' }",
    "ssh: { jump: 'op@[2001:db8::1]:22' }",
    `winrm: { fingerprint: '${'9C:'.repeat(19)}9C' }`,
    `winrm: { fingerprint: '${'9c'.repeat(32)}' }`,
  ])('may have %s', its => {
    expect(parse([`{ name: a, host: h, ${its} }`]).servers).toHaveLength(1)
  })
})

describe('a credential', () => {
  const credential = (its: string): string =>
    `credentials: { c: { ${its} } }\nservers: [{ name: a, host: a, roles: [hub], credential: c }]\n`

  it.each([
    ['username: u', 'NO_LOGON'],
    ['username: u, agent: false', 'NO_LOGON'],
    ['agent: true', 'MISSING_KEY'],
    ['username: u, password: {}', 'SECRET_SOURCE'],
    ['username: u, password: { env: A, file: b }', 'SECRET_SOURCE'],
    ['username: u, password: { prompt: false }', 'WRONG_VALUE'],
    ['username: u, password: { command: [] }', 'WRONG_VALUE'],
    ['username: u, password: { env: A B }', 'WRONG_VALUE'],
    ['username: u, password: hunter2', 'WRONG_TYPE'],
    ['username: u, key: id_rsa', 'WRONG_TYPE'],
    ['username: "CONTOSO\\exadmin", agent: true', 'WRONG_VALUE'],
  ])('may not be { %s }', (its, code) => {
    expect(thrown(credential(its)).problems.map(problem => problem.code)).toEqual([code])
  })

  it('is told where a password belongs, without the password', () => {
    const { message } = thrown(credential('username: u, password: hunter2'))
    expect(message).toContain('{ env: EXROLL_PASSWORD } | { file: secrets/exadmin.txt }')
    expect(message).not.toContain('hunter2')
  })
})

describe('the JSON Schema', () => {
  const schema = z.toJSONSchema(inventorySchema, { io: 'input' }) as {
    properties: Record<string, { items: { required: string[]; additionalProperties: boolean; properties: object } }>
  }

  it('knows the keys of product.md and no others', () => {
    expect(Object.keys(schema.properties)).toEqual(['defaults', 'credentials', 'groups', 'servers'])
    const { items } = schema.properties.servers ?? {}
    expect(items?.required).toEqual(['name', 'host'])
    expect(items?.additionalProperties).toBe(false)
    expect(Object.keys(items?.properties ?? {})).toEqual(
      expect.arrayContaining([
        'name',
        'host',
        'port',
        'transport',
        'roles',
        'groups',
        'site',
        'internet_facing',
        'cluster',
      ]),
    )
  })

  it('takes a duration as text', () => {
    expect(JSON.stringify(schema)).toContain('"connect_timeout":{"type":"string"')
  })
})
