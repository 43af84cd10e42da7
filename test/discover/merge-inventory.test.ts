import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptable } from '../../src/discover/acceptable.js'
import { lineDiff } from '../../src/discover/line-diff.js'
import { mergeInventory } from '../../src/discover/merge-inventory.js'
import type { DiscoveredServer, Discovery } from '../../src/discover/model.js'
import { newInventory } from '../../src/discover/new-inventory.js'
import { clusterTypes, type Role, roles } from '../../src/inventory/model.js'
import { parseInventory } from '../../src/inventory/parse.js'

const options = { logon: { username: 'CONTOSO\\exadmin' }, describe: (version: string) => `Exchange ${version}` }
const merge = (text: string, ...servers: DiscoveredServer[]) =>
  mergeInventory(text, { source: 'test', servers, notes: [] }, options)

const file = `# the fleet  
defaults: { credential: exadmin } # who
credentials:
    exadmin:   { username: 'CONTOSO\\exadmin', password: { prompt: true } }
groups: { london: { site: London } }

servers:
  # first the edge
  - { name: ex-edge-01,   host: 192.0.2.25, roles: [edge] }   # DMZ
  - name: ex-hub-01 # bridgehead
    host: ex-hub-01.contoso.com   # by name
    groups: [london]
    roles:
      - hub  # since 2008
      # it had um once
      - um
    # the end of hub 1

# after all
`

describe('mergeInventory', () => {
  it('adds a server behind the last, with its version as a comment', () => {
    const { text, added } = merge(file, {
      name: 'EX-NEW',
      host: 'ex-new.contoso.com',
      roles: ['cas'],
      site: 'Paris',
      version: '8.1.240.6',
    })
    expect(added).toEqual(['EX-NEW'])
    expect(text).toBe(
      file.replace(
        '      - um\n',
        '      - um\n  - { name: EX-NEW, host: ex-new.contoso.com, roles: [cas], site: Paris } # Exchange 8.1.240.6\n',
      ),
    )
  })

  it('changes roles, site and cluster where they stand, in brackets and in lines', () => {
    const { text, changed } = merge(
      file,
      { name: 'EX-EDGE-01', host: 'edge', roles: ['edge', 'hub'], site: 'DMZ' },
      {
        name: 'x',
        host: 'EX-HUB-01.contoso.com.',
        roles: ['cas', 'hub'],
        site: 'Paris',
        cluster: { type: 'scc', name: 'S: 1' },
      },
    )
    expect(changed).toEqual([
      { name: 'ex-edge-01', keys: ['roles', 'site'] },
      { name: 'ex-hub-01', keys: ['roles', 'site', 'cluster'] },
    ])
    expect(text).toBe(
      file
        .replace('host: 192.0.2.25, roles: [edge]', 'host: 192.0.2.25, site: DMZ, roles: [edge, hub]')
        .replace('# by name\n', "# by name\n    site: Paris\n    cluster: { type: scc, name: 'S: 1' }\n")
        .replace('      - um\n', '      - cas\n'),
    )
  })

  it('changes nothing where what holds is what the source knows, and says what the source does not know', () => {
    const merged = merge(file, { name: 'ex-hub-01', host: 'h', roles: ['um', 'hub'], site: 'LONDON' })
    expect(merged).toEqual({ text: file, added: [], changed: [], unknown: ['ex-edge-01'], byHand: [] })
  })

  it('leaves to a person what is shared or has comments within', () => {
    const shared = file.replace('roles: [edge]', 'roles: &r [edge]')
    expect(merge(shared, { name: 'ex-edge-01', host: 'h', roles: ['hub'] })).toMatchObject({
      text: shared,
      byHand: ['ex-edge-01: roles: [hub]'],
    })
    const commented = file.replace('roles: [edge]', 'roles: [\n    edge # of the DMZ\n    ]')
    expect(merge(commented, { name: 'ex-edge-01', host: 'h', roles: ['hub'] }).text).toBe(commented)
  })

  it('gives a new server the credential that logs on as its user, a new one where none does', () => {
    const own = (username: string): DiscoveredServer => ({
      name: username.slice(-3),
      host: username.slice(-3),
      roles: ['hub'],
      logon: { username },
    })
    expect(merge(file, own('contoso\\EXADMIN')).text).toContain('- { name: MIN, host: MIN, roles: [hub] }\n')
    const { text } = merge(file, own('FABRIKAM\\exadmin'))
    expect(text).toContain(
      '    exadmin-2: { username: FABRIKAM\\exadmin, password: { prompt: true } }\n    exadmin:   {',
    )
    expect(parseInventory(text, '/i.yaml').servers.at(-1)?.credential).toMatchObject({
      name: 'exadmin-2',
      username: 'FABRIKAM\\exadmin',
    })
  })

  it('keeps CRLF, a byte order mark, a missing last line break and servers in brackets', () => {
    const added: DiscoveredServer = { name: 'n', host: 'n', roles: ['hub'], version: '8' }
    const windows = `\uFEFF${file.trimEnd().replaceAll('\n', '\r\n')}`
    const { text } = merge(windows, added, { name: 'ex-hub-01', host: 'h', roles: ['cas'] })
    expect(text.replaceAll('\r\n', '')).not.toContain('\n')
    expect(parseInventory(text, '/i.yaml').servers.map(server => server.roles)).toEqual([['edge'], ['cas'], ['hub']])
    const inBrackets = `{ defaults: { credential: a }, credentials: { a: { username: u, agent: true } }, servers: [ { name: x, host: x, roles: [cas] }, ] }`
    const merged = merge(inBrackets, added)
    expect(merged.text).toContain('roles: [cas] }, { name: n, host: n, roles: [hub] }, ] }')
    expect(parseInventory(merged.text, '/i.yaml').servers).toHaveLength(2)
  })
})

const role = fc.subarray<Role>([...roles], { minLength: 1 })
const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/)
const site = fc.oneof(word, fc.constantFrom("O'Fallon, #1", 'yes', '10', 'Zürich: Nord', '[a]'))
const cluster = fc.record({ type: fc.constantFrom(...clusterTypes.filter(type => type !== 'ccr')), name: site })
const discovered: fc.Arbitrary<DiscoveredServer> = fc
  .record({
    number: fc.nat(9),
    roles: role,
    site: fc.option(site, { nil: undefined }),
    cluster: fc.option(cluster, { nil: undefined }),
  })
  .map(({ number, roles, site, cluster }) => ({
    ...{ name: `ex-${number}`, host: `h${number}`, roles },
    ...(site !== undefined && { site }),
    ...(cluster !== undefined && { cluster }),
  }))
const comment = fc.constantFrom('', ' # why', '   #  spaced  ', ' # "quoted: {')
const line = fc.constantFrom('', '\n  # a line of its own', '\n\n    # deeper', '\n')

/** A server as people write it: in brackets or in lines, with comments anywhere. */
const written = fc.record({
  roles: role,
  site: fc.option(word),
  flow: fc.boolean(),
  inLines: fc.boolean(),
  comment,
  line,
  again: comment,
})
const inventoryText = fc
  .record({
    servers: fc.array(written, { minLength: 1, maxLength: 5 }),
    tail: fc.constantFrom('', '\n', '\n\n# end', '\n# end\n'),
    ends: fc.constantFrom('\n', '\r\n'),
  })
  .map(({ servers, tail, ends }) =>
    [
      'defaults: { credential: a } # d',
      'credentials: { a: { username: u, agent: true } }',
      'servers:',
      ...servers.map(({ roles, site, flow, inLines, comment, line, again }, at) => {
        const where = site === null ? '' : flow ? `, site: ${site}` : `\n    site: ${site}${again}`
        if (flow) return `  - {name: ex-${at},  host: "h${at}", roles: [${roles.join(' , ')}]${where}}${comment}${line}`
        const list = inLines
          ? `\n${roles.map(each => `      - ${each}${again}`).join('\n')}`
          : ` [ ${roles.join(', ')} ]`
        return `  - name: ex-${at}${comment}\n    host: h${at}${again}${where}\n    roles:${list}${line}`
      }),
    ]
      .join('\n')
      .concat(tail)
      .replaceAll('\n', ends),
  )

describe('for every inventory and every discovery', () => {
  it('the merged file holds what was discovered, keeps every other line byte for byte, and needs no second merge', () => {
    fc.assert(
      fc.property(inventoryText, fc.array(discovered, { maxLength: 6 }), (text, servers) => {
        const discovery: Discovery = acceptable({ source: 'test', servers, notes: [] })
        const before = parseInventory(text, '/i.yaml')
        const merged = mergeInventory(text, discovery, options)
        const after = parseInventory(merged.text, '/i.yaml')
        expect(merged.byHand).toEqual([])
        for (const server of discovery.servers) {
          const now = after.servers.find(({ name }) => name === server.name)
          expect(new Set(now?.roles)).toEqual(new Set(server.roles))
          if (server.site !== undefined) expect(now?.site?.toLowerCase()).toBe(server.site.toLowerCase())
          if (server.cluster !== undefined) expect(now?.cluster?.type).toBe(server.cluster.type)
        }
        expect(after.servers.slice(0, before.servers.length).map(({ name, host }) => [name, host])).toEqual(
          before.servers.map(({ name, host }) => [name, host]),
        )
        expect(mergeInventory(merged.text, discovery, options).text).toBe(merged.text)
        const changed = merged.changed.map(({ name }) => `name: ${name}`)
        for (const gone of lineDiff(text, merged.text).filter(one => one.startsWith('-'))) {
          const ofKey = /^-\s+(?:roles|site):|^-\s+- \w+( +#.*)?$/.test(gone)
          const inBrackets = changed.some(name => gone.includes(`{${name},`))
          const lastLine = !text.endsWith('\n') && text.endsWith(gone.slice(1))
          expect({ gone, may: ofKey || inBrackets || lastLine }).toEqual({ gone, may: true })
        }
        const comments = (all: string) => all.split(/\r?\n/).filter(one => /^\s*#/.test(one))
        expect(comments(merged.text)).toEqual(comments(text))
      }),
      { numRuns: 150 },
    )
  })

  it('a new inventory of it is right, and holds it', () => {
    fc.assert(
      fc.property(fc.array(discovered, { minLength: 1, maxLength: 6 }), servers => {
        const discovery = acceptable({ source: 'a\nb', servers, notes: [] })
        const read = parseInventory(newInventory(discovery, options), '/i.yaml')
        expect(
          read.servers.map(({ name, host, roles, site, cluster }) => ({ name, host, roles, site, cluster })),
        ).toEqual(
          discovery.servers.map(({ name, host, roles, site, cluster }) => ({ name, host, roles, site, cluster })),
        )
        expect(read.servers[0]?.credential).toEqual({
          name: 'exadmin',
          username: 'CONTOSO\\exadmin',
          password: { prompt: true },
        })
      }),
    )
  })
})
