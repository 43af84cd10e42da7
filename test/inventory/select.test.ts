import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exitCodes, UsageError } from '../../src/errors.js'
import { selectServers } from '../../src/inventory/select.js'
import { parse } from './inventory-text.js'

const top = [
  'defaults: { credential: exadmin, roles: [mailbox] }',
  'groups: { london: { site: London }, branch: { site: Bad Homburg } }',
].join('\n')
const inventory = parse(
  [
    '{ name: ex-edge-01, host: h1, roles: [edge], groups: [london] }',
    '{ name: ex-cas-01, host: h2, roles: [cas, hub], groups: [london] }',
    '{ name: ex-cas-02, host: h3, roles: [cas], groups: [branch] }',
    '{ name: ex-mbx-01, host: h4 }',
    '{ name: ex-mbx-02a, host: h5, groups: [london], cluster: { type: ccr, name: CMS1 } }',
    '{ name: ex-mbx-02b, host: h6, groups: [branch, london], cluster: { type: ccr, name: CMS1 } }',
  ],
  top,
)
const all = inventory.servers.map(({ name }) => name)

function names(pattern: string): string {
  return selectServers(inventory, pattern)
    .map(({ name }) => name.replace('ex-', ''))
    .join(' ')
}

function refusal(pattern: string): UsageError {
  try {
    selectServers(inventory, pattern)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error(`${pattern} was taken`)
}

describe('selectServers', () => {
  it.each([
    ['ex-cas-01', 'cas-01'],
    ['EX-CAS-01', 'cas-01'],
    ['ex-cas-*', 'cas-01 cas-02'],
    ['ex-???-01', 'cas-01 mbx-01'],
    ['ex-mbx-0[12]*', 'mbx-01 mbx-02a mbx-02b'],
    ['*', 'edge-01 cas-01 cas-02 mbx-01 mbx-02a mbx-02b'],
    ['role:cas', 'cas-01 cas-02'],
    ['role:HUB', 'cas-01'],
    ['site:london', 'edge-01 cas-01 mbx-02a mbx-02b'],
    ['site:Bad Homburg', 'cas-02'],
    ['site:*', 'edge-01 cas-01 cas-02 mbx-02a mbx-02b'],
    ['group:branch', 'cas-02 mbx-02b'],
    ['cluster:cms1', 'mbx-02a mbx-02b'],
    ['!role:mailbox', 'edge-01 cas-01 cas-02'],
    ['! ! role:edge', 'edge-01'],
    ['ex-edge-01,role:hub', 'edge-01 cas-01'],
    ['role:cas&site:London', 'cas-01'],
    ['role:cas & !ex-cas-01', 'cas-02'],
    ['ex-edge-01,role:mailbox&!cluster:*', 'edge-01 mbx-01'],
    ['ex-mbx-01, ex-edge-01', 'edge-01 mbx-01'],
  ])('%s selects %s, in the order of the inventory', (pattern, expected) => {
    expect(names(pattern)).toBe(expected)
  })

  it.each([
    ['', 'LIMIT_INVALID', 'empty part'],
    ['a,,b', 'LIMIT_INVALID', 'empty part'],
    ['!', 'LIMIT_INVALID', 'empty part'],
    ['role:', 'LIMIT_INVALID', 'nothing stands after'],
    ['rol:cas', 'LIMIT_INVALID', 'did you mean "role:"'],
    ['role:mailbx', 'LIMIT_INVALID', 'did you mean "mailbox"'],
    ['ex-[9-0]', 'LIMIT_INVALID', 'runs backwards'],
    ['ex-cas-1', 'LIMIT_EMPTY', 'did you mean "ex-cas-01"'],
    ['ex-edge-01,ex-csa-02', 'LIMIT_EMPTY', 'did you mean "ex-cas-02"'],
    ['!site:Londn', 'LIMIT_EMPTY', 'did you mean "London"'],
    ['group:x', 'LIMIT_EMPTY', 'there is no group "x"'],
    ['cluster:CMS2', 'LIMIT_EMPTY', 'did you mean "CMS1"'],
    ['role:um', 'LIMIT_EMPTY', 'selects none of the 6 servers'],
    ['zz*', 'LIMIT_EMPTY', 'selects none'],
    ['role:edge&role:cas', 'LIMIT_EMPTY', 'selects none'],
  ])('refuses %j', (pattern, code, words) => {
    const error = refusal(pattern)
    expect(error).toMatchObject({ code, exitCode: exitCodes.usage })
    expect(error.message).toContain(words)
  })

  it('takes no character but * ? [ ] as special', () => {
    for (const pattern of ['ex.cas-0*', 'ex-cas-0.*', '(ex)*', 'ex-cas-01|x*', '^ex*', 'ex-cas-0\\d*']) {
      expect(refusal(pattern).code).toBe('LIMIT_EMPTY')
    }
  })

  const term = fc.constantFrom(
    'ex-cas-*',
    'role:cas',
    'role:mailbox',
    'site:London',
    'group:branch',
    'cluster:CMS1',
    '*-01',
  )
  const pick = (pattern: string): string[] => {
    try {
      return selectServers(inventory, pattern).map(({ name }) => name)
    } catch {
      return []
    }
  }

  it('takes comma as union, & as intersection and ! as complement', () => {
    fc.assert(
      fc.property(term, term, (a, b) => {
        const [inA, inB] = [new Set(pick(a)), new Set(pick(b))]
        expect(pick(`${a},${b}`)).toEqual(all.filter(name => inA.has(name) || inB.has(name)))
        expect(pick(`${a}&${b}`)).toEqual(all.filter(name => inA.has(name) && inB.has(name)))
        expect(pick(`!${a}`)).toEqual(all.filter(name => !inA.has(name)))
      }),
    )
  })
})
