import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bindings, type Context, type KeyFacts } from '../../../src/output/dashboard/bindings.js'
import { bindingFor, contextOf, keyTable } from '../../../src/output/dashboard/keys.js'
import { firstView } from '../../../src/output/dashboard/view.js'
import { fleetJournal, upTo } from './fleet-journal.js'
import { frameAt, screenOf } from './frame-at.js'

const contexts: Context[] = ['list', 'detail', 'log', 'help', 'question', 'typing']
const living: KeyFacts = { control: true, paused: false, stopping: false, ended: false, server: true }
const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')
const events = upTo(fleetJournal({ servers: 10 }), 0.4)

describe('the key table', () => {
  it.each(contexts)('binds no key twice in the %s', context => {
    const keys = bindings.filter(binding => binding.contexts.includes(context)).flatMap(binding => binding.keys)
    expect(keys).toEqual([...new Set(keys)])
  })

  it.each(contexts)('has a way out of the %s', context => {
    const commands = ['escape', 'q', 'ctrl+c'].map(key => bindingFor(key, context, living)?.command)
    expect(commands.some(command => command !== undefined)).toBe(true)
  })

  it('offers no wish where nothing can be asked', () => {
    const wishes = ['p', 'a', 'r', 's', 't']
    for (const key of wishes) {
      expect(bindingFor(key, 'list', living)).not.toBeNull()
      expect(bindingFor(key, 'list', { ...living, control: false })).toBeNull()
      expect(bindingFor(key, 'list', { ...living, ended: true })).toBeNull()
    }
  })

  it('is the one README.md holds', () => {
    expect(readme).toContain(keyTable())
  })

  it('stands in README.md below a picture of what is drawn', () => {
    const picture = readFileSync(join(import.meta.dirname, 'frames', 'running-80x24.txt'), 'utf8').trimEnd()
    expect(readme).toContain(picture.replaceAll(/^(?=.)/gm, '    '))
  })
})

describe('the foot of the screen', () => {
  it('shows help and the way out at every size', () => {
    for (const columns of [60, 80, 160]) {
      const foot = screenOf(frameAt({ events, size: { columns, rows: 24 } }))
        .trimEnd()
        .split('\n')
        .at(-1)
      expect(foot).toMatch(/\? help {2}q leave$/)
    }
  })

  it('shows no key that means nothing now', () => {
    const foot = (control: boolean) =>
      screenOf(frameAt({ events, size: { columns: 160, rows: 24 }, control }))
        .trimEnd()
        .split('\n')
        .at(-1) ?? ''
    expect(foot(true)).toContain('p pause')
    expect(foot(false)).not.toMatch(/pause|abort|retry|skip|restore/)
  })
})

describe('the help', () => {
  it('names every key of the list and of a log', () => {
    const help = screenOf(frameAt({ events, size: { columns: 120, rows: 90 }, view: { pane: 'help' } }))
    for (const { help: sentence, contexts: where } of bindings) {
      if (where.includes('list') || where.includes('log')) expect(help).toContain(sentence)
    }
  })
})

describe('contextOf', () => {
  it('puts what is typed before what is asked, and what is asked before the pane', () => {
    const question = { text: 'sure?', wishes: [] }
    const view = { ...firstView(), pane: 'log' as const, question, typing: { what: 'search' as const, text: '' } }
    expect(contextOf(view)).toBe('typing')
    expect(contextOf({ ...view, typing: null })).toBe('question')
    expect(contextOf({ ...view, typing: null, question: null })).toBe('log')
  })
})
