import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isSecretKey, maskedLines } from '../../src/input/secret-mask.js'
import { inventorySchema } from '../../src/inventory/schema.js'
import { playbookSchema } from '../../src/playbook/schema.js'

function masked(text: string): string {
  return maskedLines(text)
    .map(line => line.text)
    .join('\n')
}

describe('maskedLines', () => {
  it.each([
    ['a plain value', 'password: hunter2\nb: 1', 'password: ********\nb: 1'],
    ['a quoted value', "a: { password: 'hunter2, }', b: 1 }", 'a: { password: ********, b: 1 }'],
    ['a misspelt key', 'pasword: hunter2', 'pasword: ********'],
    ['other words for it', 'pass: hunter2\nPassPhrase: hunter2', 'pass: ********\nPassPhrase: ********'],
    ['a value on the next line', 'password:\n  hunter2', 'password:\n  ********'],
    [
      'a block of several lines',
      'password: |\n  hunter2\n  hunter3\nb: 1',
      'password: ********\n********\n********\nb: 1',
    ],
    ['a value in a mapping', 'password: { value: hunter2 }', 'password: { ********: ******** }'],
    ['a mapping that is the value', 'password: {hunter2}', 'password: {********}'],
    ['a list', 'password: [hunter2]', 'password: [********]'],
    ['an anchor that an alias takes as password', 'a: &x hunter2\npassword: *x', 'a: &x ********\npassword: ********'],
    ['the arguments of a command', 'password: { command: [pass, hunter2] }', 'password: { command: [pass, ********] }'],
    ['a command that is no list', 'password: { command: pass hunter2 }', 'password: { command: ******** }'],
    ['a logon in a URL-like value', "jump: 'op:hunter2@bastion'", 'jump: ********'],
    ['a webhook', 'webhook: https://example.com/hunter2', 'webhook: ********'],
  ])('masks %s', (_what, text, expected) => {
    expect(masked(text)).toBe(expected)
  })

  it.each([
    'password: { env: EXROLL_PASSWORD }',
    'password: { file: a.txt }',
    'password: { vault: { entry: exadmin } }',
    'password: { prompt: true }',
    'host: a',
  ])('leaves %s as it is', text => {
    expect(masked(text)).toBe(text)
  })

  it.each([
    'password: "hunter2\nb: 1',
    'password: hunter2: [',
    'password: %hunter2',
    'a: [\npassword: hunter2',
    'password: @hunter2\n  hunter2\nb: {',
    '- { username: x, password: `hunter2` }',
    '\tpassword: hunter2',
    'password:\n  - hunter2\n  - {hunter2',
  ])('masks in a text with broken syntax: %j', text => {
    expect(masked(text)).not.toContain('hunter')
  })

  it('shows nothing of how long a secret is', () => {
    expect(masked('password: a')).toBe(masked('password: aaaaaaaaaaaaaaaaaaaaaaaa'))
  })

  it('says where a column went', () => {
    const [line] = maskedLines('{ password: hunter2-longer, b: 1 }')
    expect(line?.text).toBe('{ password: ********, b: 1 }')
    expect([1, 13, 20, 27, 29].map(column => line?.columnOf(column))).toEqual([1, 13, 13, 21, 23])
  })

  it('never shows a word that stands under password, however it is written', () => {
    const style = fc.constantFrom(
      (word: string) => `password: ${word}`,
      (word: string) => `a: { x: 1, password: "${word}", y: 2 }`,
      (word: string) => `- password: >-\n    ${word}`,
      (word: string) => `a:\n  password:\n    - ${word}`,
      (word: string) => `password: {${word}: {${word}: ${word}}}`,
    )
    const broken = fc.constantFrom('', '\n: [', '\n"', '\n\t- x', '\nb: {')
    fc.assert(
      fc.property(style, fc.stringMatching(/^[b-df-hj-np-tv-z]{6,10}$/), broken, (write, word, rest) => {
        expect(masked(write(word) + rest)).not.toContain(word)
      }),
    )
  })
})

describe('isSecretKey', () => {
  it.each(['password', 'Password', 'db_password', 'passwrod', 'token', 'client-secret'])('knows %s', key => {
    expect(isSecretKey(key)).toBe(true)
  })

  it.each(['host', 'username', 'path', 'windows', 'host_key', 'port'])('lets %s be shown', key => {
    expect(isSecretKey(key)).toBe(false)
  })

  it('lets every key of an inventory and a playbook be shown that is not a secret', () => {
    const keysOf = (value: unknown): string[] => {
      if (value === null || typeof value !== 'object') return []
      const { properties = {} } = value as { properties?: Record<string, unknown> }
      return [...Object.keys(properties), ...Object.values(value).flatMap(keysOf)]
    }
    const keys = [inventorySchema, playbookSchema].flatMap(schema => keysOf(z.toJSONSchema(schema, { io: 'input' })))
    const masked = new Set(keys.filter(isSecretKey))
    expect([...masked].toSorted()).toEqual(['passphrase', 'password', 'webhook'])
    expect(keys.length).toBeGreaterThan(60)
  })
})
