import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildTable, compareBuilds, describeBuild, describeKb, findBuild, findKb } from '../../src/products/builds.js'
import { generationNames } from '../../src/products/load.js'

const all = generationNames.flatMap(buildTable)

describe('build tables', () => {
  it.each(generationNames)(
    'of Exchange %s rise from row to row and hold builds, dates and KBs in one form',
    generation => {
      const rows = buildTable(generation)
      expect(rows.length).toBeGreaterThanOrEqual(10)
      for (const [at, row] of rows.entries()) {
        expect(row.generation).toBe(generation)
        expect(row.build).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
        expect(row.date).toMatch(/^20\d\d-\d\d-\d\d$/)
        expect(new Date(row.date).toISOString().slice(0, 10)).toBe(row.date)
        expect(row.kb === null || /^KB\d{6,7}$/.test(row.kb)).toBe(true)
        const before = rows[at - 1]
        if (before !== undefined) expect(compareBuilds(before.build, row.build)).toBeLessThan(0)
      }
      expect(new Set(rows.map(({ level }) => level)).size).toBe(rows.length)
    },
  )

  it('have the article right: KB952580 is SP1 RU4, and KB935490 is RTM RU2, which the article calls SP1 RU2', () => {
    expect(findKb('KB952580')).toEqual([
      { generation: '2007', level: 'SP1 RU4', build: '8.1.311.3', date: '2008-10-07', kb: 'KB952580' },
    ])
    expect(findKb('KB935490')).toEqual([
      { generation: '2007', level: 'RTM RU2', build: '8.0.711.2', date: '2007-05-08', kb: 'KB935490' },
    ])
    expect(findKb('KB948016')[0]?.level).toBe('SP1 RU2')
  })
})

describe('compareBuilds', () => {
  it.each([
    ['8.1.311.3', '8.1.311.3', 0],
    ['8.1.311.3', '8.1.1240.6', -1],
    ['8.3.83.6', '8.2.305.3', 1],
    ['15.2.986.5', '15.2.1118.7', -1],
    ['08.01.0311.003', '8.1.311.3', 0],
    ['8.1', '8.1.0.0', 0],
    ['', '8.0.685.25', -1],
  ])('compares %s with %s by number, not by character: %i', (a, b, sign) => {
    expect(Math.sign(compareBuilds(a, b))).toBe(sign)
    expect(Math.sign(compareBuilds(b, a))).toBe(sign === 0 ? 0 : -sign)
  })
})

describe('findBuild', () => {
  it('finds every build of the tables exactly', () => {
    for (const row of all) expect(findBuild(row.build)).toEqual({ row, exact: true })
  })

  it('answers an unknown build with the highest row of its major version that is not above it', () => {
    const part = fc.integer({ min: 0, max: 3000 })
    fc.assert(
      fc.property(
        fc.constantFrom(7, 8, 14, 15, 16),
        fc.integer({ min: 0, max: 4 }),
        part,
        fc.nat(100),
        (major, minor, a, b) => {
          const build = `${major}.${minor}.${a}.${b}`
          const { row, exact } = findBuild(build)
          const below = all.filter(each => each.build.startsWith(`${major}.`) && compareBuilds(each.build, build) <= 0)
          if (row === null) expect(below).toEqual([])
          else for (const each of below) expect(compareBuilds(each.build, row.build)).toBeLessThanOrEqual(0)
          expect(exact).toBe(all.some(each => each.build === build))
        },
      ),
    )
  })
})

describe('words for builds and KBs', () => {
  it.each([
    ['8.1.311.3', 'Exchange 2007 SP1 RU4 (8.1.311.3, KB952580)'],
    ['08.01.0311.003', 'Exchange 2007 SP1 RU4 (8.1.311.3, KB952580)'],
    ['8.1.240.6', 'Exchange 2007 SP1 RTM (8.1.240.6)'],
    ['8.1.312.0', 'Exchange 2007 SP1 RU4 or later (8.1.312.0)'],
    ['15.1.2507.16', 'Exchange 2016 CU23 Nov22SU (15.1.2507.16, KB5019758)'],
    ['15.2.2562.17', 'Exchange SE RTM (15.2.2562.17, KB5047155)'],
    ['9.0.1.0', 'build 9.0.1.0'],
    ['nonsense', 'build nonsense'],
  ])('describes %s as %s', (build, words) => {
    expect(describeBuild(build)).toBe(words)
  })

  it.each([
    ['KB935490', 'KB935490, Exchange 2007 RTM RU2'],
    ['935490', 'KB935490, Exchange 2007 RTM RU2'],
    ['kb5000871', 'KB5000871, an update of Exchange 2013, 2016, 2019'],
    ['KB1', 'KB1'],
  ])('describes %s as %s', (kb, words) => {
    expect(describeKb(kb)).toBe(words)
  })
})
