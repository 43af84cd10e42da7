import { describe, expect, it } from 'vitest'
import { inventoryText, parse, problemsOf, thrown } from './inventory-text.js'

const ccr = 'cluster: { type: ccr, name: CMS1 }'

describe('an inventory is refused', () => {
  it.each([
    ['two servers of one name', ['{ name: a, host: h1 }', '{ name: A, host: h2 }'], ['DUPLICATE_NAME 5:13']],
    ['two servers at one address', ['{ name: a, host: h1 }', '{ name: b, host: H1 }'], ['DUPLICATE_ADDRESS 5:22']],
    [
      'one address once with the default port and once with the same port written',
      ['{ name: a, host: h1.example. }', '{ name: b, host: h1.example, port: 22 }'],
      ['DUPLICATE_ADDRESS 5:22'],
    ],
    ['a credential that is not there', ['{ name: a, host: h, credential: exadmn }'], ['CREDENTIAL_UNKNOWN 4:37']],
    [
      'a credential of the jump host that is not there',
      ['{ name: a, host: h, ssh: { jump_credential: x } }'],
      ['CREDENTIAL_UNKNOWN 4:49'],
    ],
    ['a group that is not there', ['{ name: a, host: h, groups: [x] }'], ['GROUP_UNKNOWN 4:34']],
    ['a CCR cluster of one', [`{ name: a, host: h, ${ccr} }`], ['CLUSTER_SIZE 4:34']],
    [
      'a CCR cluster of three, at the third',
      [`{ name: a, host: h1, ${ccr} }`, `{ name: b, host: h2, ${ccr} }`, `{ name: c, host: h3, ${ccr} }`],
      ['CLUSTER_SIZE 6:35'],
    ],
    ['a logon in the clear', ['{ name: a, host: h, winrm: { auth: basic } }'], ['NOT_SEALED 4:40']],
    ['no server at all', [], ['WRONG_TYPE 3:1']],
  ])('with %s', (_what, servers, problems) => {
    expect(problemsOf(inventoryText(servers))).toEqual(problems)
  })

  it('with a server that has roles and credential from nowhere', () => {
    const found = thrown(inventoryText(['{ name: a, host: h }'], 'defaults: { transport: ssh }'))
    expect(found.problems.map(({ code, instead }) => `${code} ${instead}`)).toEqual([
      'MISSING_KEY roles: [cas]',
      'MISSING_KEY credential: NAME, on the server or under defaults',
    ])
  })

  it('says which name was meant', () => {
    const found = thrown(
      inventoryText(
        ['{ name: a, host: h, groups: [londn], credential: exadmn }'],
        'groups: { london: { roles: [hub] } }',
      ),
    )
    expect(found.problems.map(({ instead }) => instead).toSorted()).toEqual(['exadmin', 'london'])
  })

  it('once for a key that is only misspelt', () => {
    const found = thrown(inventoryText(['{ name: a, host: h, roels: [hub] }'], 'defaults: { credental: exadmin }'))
    expect(found.problems.map(({ instead }) => instead)).toEqual(['credential', 'roles'])
  })

  it('with all of that at once, and what the schema finds as well', () => {
    const servers = [
      '{ name: a, host: h, colour: red, groups: [x] }',
      `{ name: a, host: h, port: 99999, ${ccr} }`,
      '{ name: a, host: h, roles: [edg] }',
    ]
    expect(
      problemsOf(inventoryText(servers))
        .map(problem => problem.split(' ')[0])
        .toSorted(),
    ).toEqual([
      'CLUSTER_SIZE',
      'DUPLICATE_ADDRESS',
      'DUPLICATE_NAME',
      'DUPLICATE_NAME',
      'GROUP_UNKNOWN',
      'UNKNOWN_KEY',
      'WRONG_VALUE',
      'WRONG_VALUE',
    ])
  })

  it.each([
    'servers: 5',
    'servers: [1, null, [x]]',
    'defaults: x\nservers: { a: b }',
    'groups: [a]\nservers: [{ groups: x }]',
  ])('and not fallen over: %j', text => {
    expect(problemsOf(text).length).toBeGreaterThan(0)
  })
})

describe('an inventory is taken', () => {
  it.each([
    ['the same host on two ports', ['{ name: a, host: h }', '{ name: b, host: h, port: 23 }']],
    [
      'one private address behind two jump hosts',
      ['{ name: a, host: h, ssh: { jump: j1 } }', '{ name: b, host: h, ssh: { jump: j2 } }'],
    ],
    ['a CCR pair', [`{ name: a, host: h1, ${ccr} }`, `{ name: b, host: h2, ${ccr} }`]],
    ['a DAG of one', ['{ name: a, host: h, cluster: { type: dag, name: D } }']],
    ['basic over https', ['{ name: a, host: h, winrm: { scheme: https, auth: basic } }']],
  ])('with %s', (_what, servers) => {
    expect(parse(servers).servers).toHaveLength(servers.length)
  })

  it('with a cluster that comes from a group', () => {
    const top = `defaults: { credential: exadmin, roles: [mailbox] }\ngroups: { pair: { ${ccr} } }`
    const { servers } = parse(['{ name: a, host: h1, groups: [pair] }', '{ name: b, host: h2, groups: [pair] }'], top)
    expect(servers.map(({ cluster }) => cluster)).toEqual([
      { type: 'ccr', name: 'CMS1' },
      { type: 'ccr', name: 'CMS1' },
    ])
  })
})
