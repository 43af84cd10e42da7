import { describe, expect, it } from 'vitest'
import { absoluteBlocks } from '../../src/events/absolute-blocks.js'
import { blockNames } from '../../src/playbook/blocks.js'
import { parse, playbookText, problemsOf } from './playbook-text.js'

const told = (...lines: string[]) =>
  problemsOf(playbookText(...lines)).map(({ code, line, column, instead }) => ({ code, line, column, instead }))

describe('the update', () => {
  it.each(['apply', 'uninstall', 'stage'])('is needed by %s', action => {
    expect(problemsOf(`name: x\naction: ${action}`)).toEqual([
      expect.objectContaining({ code: 'MISSING_KEY', line: 2, column: 9, message: expect.stringContaining(action) }),
    ])
  })

  it.each(['collect', 'repair-cache', 'repair-owa', 'restore', 'trace'])('is not needed by %s', action => {
    expect(parse(`name: x\naction: ${action}`).update).toBeUndefined()
  })

  it('is not asked for where it is only misspelt', () => {
    expect(problemsOf('name: x\naction: apply\nupdat: { file: a.msp }').map(({ code }) => code)).toEqual([
      'UNKNOWN_KEY',
    ])
  })
})

describe('update.share', () => {
  const update = (share: string) => `name: x\naction: apply\nupdate: { file: ../u/KB1.msp, share: '${share}' }`
  const problems = (share: string) =>
    problemsOf(update(share)).map(({ code, line, column }) => `${code} ${line}:${column}`)

  it.each(['\\\\fs01\\updates\\KB1.msp', '\\\\fs01.contoso.com\\updates$\\ex 2007\\kb1.MSP'])('may be %s', share => {
    expect(parse(update(share)).update?.share).toBe(share)
  })

  it.each([
    '..\\u\\KB1.msp',
    'C:\\u\\KB1.msp',
    '//fs01/updates/KB1.msp',
    '\\\\fs01\\KB1.msp',
    '\\\\fs01\\up;dates\\KB1.msp',
    '\\\\?\\C:\\KB1.msp',
    '\\\\fs01\\updates\\..\\KB1.msp',
  ])('may not be %s', share => {
    expect(problems(share)).toEqual(['WRONG_VALUE 3:38'])
  })

  it('ends in the name of the file', () => {
    const [problem, ...others] = problemsOf(update('\\\\fs01\\updates\\KB2.msp'))
    expect(others).toEqual([])
    expect(problem).toMatchObject({
      code: 'SHARE_OTHER_FILE',
      line: 3,
      column: 38,
      instead: '\\\\server\\share\\KB1.msp',
    })
  })
})

describe('lists', () => {
  it.each([
    ['rollout: { order: [cas, hub, cas] }', 30],
    ['rollout: { between: { health: [owa, owa] } }', 37],
    ['allow: [disk-full, disk-full]', 20],
    ['verify: [owa, owa]', 15],
    ['collect: [msi, msi]', 16],
  ])('may not have an entry twice: %s', (line, column) => {
    expect(told(line)).toEqual([{ code: 'DUPLICATE_ENTRY', line: 4, column, instead: 'each entry once' }])
  })
})

describe('allow', () => {
  it('takes every block that can be let through, alone or of one server', () => {
    const names = blockNames.filter(name => !absoluteBlocks.has(name))
    const entries = names.flatMap(name => [name, `${name}@ex-cas-01`])
    expect(parse(playbookText(`allow: [${entries.join(', ')}]`)).allow).toEqual(entries)
  })

  it('names the block that was meant, with its server', () => {
    expect(told('allow: [pending_reboot, missing-cached-pach@ex-um-01]')).toEqual([
      { code: 'BLOCK_UNKNOWN', line: 4, column: 9, instead: 'pending-reboot' },
      { code: 'BLOCK_UNKNOWN', line: 4, column: 25, instead: 'missing-cached-patch@ex-um-01' },
    ])
  })

  it('lists the blocks where none is near', () => {
    expect(told('allow: [everything]')[0]?.instead).toContain('pending-reboot, disk-full')
  })

  it.each([...absoluteBlocks])('refuses %s, which nothing lets through', name => {
    expect(told(`allow: [${name}]`)).toEqual([expect.objectContaining({ code: 'BLOCK_ABSOLUTE', line: 4, column: 9 })])
  })

  it('wants a server after the @', () => {
    expect(told("allow: ['disk-full@']")).toEqual([expect.objectContaining({ code: 'BLOCK_UNKNOWN' })])
  })
})

describe('windows', () => {
  const window = (its: string) => told(`rollout: { windows: [${its}] }`)

  it('may not end when they begin', () => {
    expect(window("{ from: '22:00', to: '22:00', tz: UTC }")).toEqual([
      expect.objectContaining({ code: 'WINDOW_EMPTY', line: 4, column: 43 }),
    ])
  })

  it('name a time zone that there is', () => {
    expect(window("{ from: '22:00', to: '05:00', tz: Europe/Berln }")).toEqual([
      expect.objectContaining({ code: 'TIME_ZONE_UNKNOWN', instead: 'Europe/Berlin' }),
    ])
    expect(window("{ from: '22:00', to: '05:00', tz: home }")[0]?.instead).toContain('IANA')
  })
})

describe('stall_after', () => {
  it.each([
    ['install: { stall_after: 2h }', 25],
    ['install: { timeout: 25m }', 21],
    ['install: { timeout: 60m, stall_after: 1h }', 39],
  ])('must be shorter than timeout: %s', (line, column) => {
    expect(told(line)).toEqual([expect.objectContaining({ code: 'STALL_AFTER_TIMEOUT', line: 4, column })])
  })
})
