import { describe, expect, it } from 'vitest'
import { explanations } from '../../src/diagnosis/explain.js'
import type { Rule } from '../../src/diagnosis/rule.js'

const rule = (id: string, more: Partial<Rule> = {}): Rule => ({
  id,
  title: `title of ${id}`,
  about: `about ${id}`,
  kinds: ['msi'],
  watch: [],
  remedy: ['do it'],
  match: () => undefined,
  ...more,
})

describe('what diagnose knows', () => {
  it('is each cause once, then unknown, then the red herrings', () => {
    const all = explanations([
      rule('b'),
      rule('a'),
      rule('b', { kinds: ['events'], about: 'in events', fix: 'exroll restore' }),
    ])
    expect(all.slice(0, 3)).toMatchObject([
      { id: 'b', kinds: ['msi', 'events'], about: 'about b in events', fix: 'exroll restore' },
      { id: 'a', type: 'cause', remedy: ['do it'] },
      { id: 'unknown', type: 'cause' },
    ])
    expect(all.slice(3).every(({ type }) => type === 'red-herring')).toBe(true)
    expect(all.map(({ id }) => id)).toContain('error-2826')
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })
})
