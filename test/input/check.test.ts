import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkDocument } from '../../src/input/check.js'
import { readDocument } from '../../src/input/document.js'
import { durationSchema } from '../../src/input/duration.js'

const schema = z.strictObject({
  name: z
    .string()
    .min(1)
    .meta({ examples: ['roll-out'] }),
  mode: z.enum(['apply', 'collect']).optional(),
  count: z.int().min(1).max(5).optional(),
  confirm: z.boolean().default(false),
  timeout: durationSchema.optional(),
  steps: z.array(z.strictObject({ host: z.string() })).optional(),
  amount: z.union([z.int(), z.string().regex(/^\d+%$/, { error: 'must be a number or a percentage' })]).optional(),
  target: z
    .union([z.strictObject({ url: z.string() }), z.strictObject({ command: z.array(z.string()), shell: z.boolean() })])
    .optional(),
  named: z.record(z.string(), z.strictObject({ size: z.number() })).optional(),
  password: z.strictObject({ env: z.string() }).optional(),
})

function check(text: string) {
  return checkDocument(readDocument('f.yaml', text), schema)
}

function only(text: string) {
  const { problems, value } = check(text)
  expect(value).toBeUndefined()
  expect(problems).toHaveLength(1)
  return problems[0]
}

describe('checkDocument', () => {
  it('gives what the schema makes of a right document', () => {
    expect(check('name: a\ntimeout: 2m\n')).toEqual({
      value: { name: 'a', confirm: false, timeout: 120_000 },
      problems: [],
    })
  })

  it.each([
    ['a missing key', 'mode: apply', { code: 'MISSING_KEY', line: 1, column: 1, instead: 'name: roll-out' }],
    ['an unknown key', 'name: a\ncolour: 1', { code: 'UNKNOWN_KEY', line: 2, column: 1, width: 6 }],
    ['a misspelt key', 'name: a\nstesp: []', { code: 'UNKNOWN_KEY', line: 2, instead: 'steps' }],
    [
      'a misspelt key deep down',
      'name: a\nnamed: { x: { siez: 1 } }',
      { code: 'UNKNOWN_KEY', column: 15, instead: 'size' },
    ],
    ['a misspelt value', 'name: a\nmode: aply', { code: 'WRONG_VALUE', column: 7, instead: 'apply' }],
    ['another value', 'name: a\nmode: x', { code: 'WRONG_VALUE', instead: 'apply | collect' }],
    ['a number for text', 'name: 7', { code: 'WRONG_TYPE', instead: "it in quotes: '7'" }],
    ['yes for true', 'name: a\nconfirm: yes', { code: 'WRONG_TYPE', instead: 'true' }],
    [
      'text for a list',
      'name: a\nsteps: x',
      { code: 'WRONG_TYPE', message: 'steps must be a list, not text', instead: '[x]' },
    ],
    ['text for a mapping', 'name: a\nsteps: [x]', { code: 'WRONG_TYPE', message: 'must be a mapping, not text' }],
    ['nothing where something must be', 'name:', { code: 'WRONG_TYPE', message: 'name must be text, not nothing' }],
    [
      'too much',
      'name: a\ncount: 6',
      { code: 'WRONG_VALUE', message: 'count must be 5 or less', instead: '5 or less' },
    ],
    ['a broken number', 'name: a\ncount: 1.5', { code: 'WRONG_TYPE', instead: 'a whole number' }],
    ['a number for a duration', 'name: a\ntimeout: 5', { instead: '90s | 15m | 2h' }],
    ['a wrong form of a union', 'name: a\namount: x%', { message: 'amount must be a number or a percentage' }],
    ['a kind that no branch takes', 'name: a\namount: [1]', { message: 'amount must not be a list', column: 9 }],
    [
      'the nearest branch of a union',
      'name: a\ntarget: { url: 5 }',
      { column: 16, message: 'url must be text, not a number' },
    ],
  ])('places %s', (_what, text, expected) => {
    expect(only(text)).toMatchObject(expected)
  })

  it('tells all at once, and goes on after what YAML itself says', () => {
    const { problems } = check('nmae: a\nmode: x\nmode: y\nsteps:\n  - { host: 1 }\n  - {}\n')
    expect(problems.map(({ code, line }) => `${code} ${line}`).toSorted()).toEqual([
      'DUPLICATE_KEY 3',
      'MISSING_KEY 6',
      'UNKNOWN_KEY 1',
      'WRONG_TYPE 5',
      'WRONG_VALUE 3',
    ])
  })

  it('does not say that a key is missing which was only misspelt', () => {
    expect(only('nmae: a')).toMatchObject({ code: 'UNKNOWN_KEY', instead: 'name' })
  })

  it('does not name a key that stands where a secret may stand', () => {
    for (const problem of check('name: a\npassword: { hunter2: }').problems) {
      expect(`${problem.message} ${problem.instead}`).not.toContain('hunter2')
    }
  })

  it('takes code, place and remedy of a custom issue from its params', () => {
    const custom = z.looseObject({}).superRefine((_value, context) => {
      context.addIssue({
        code: 'custom',
        path: ['a'],
        message: 'no',
        params: { code: 'MINE', instead: 'b', part: 'key' },
      })
    })
    expect(checkDocument(readDocument('f.yaml', 'a: xyz'), custom).problems).toEqual([
      { code: 'MINE', line: 1, column: 1, width: 1, message: 'no', instead: 'b' },
    ])
  })

  it('does not check what could not be read', () => {
    const document = readDocument('f.yaml', 'a: [')
    expect(checkDocument(document, schema)).toEqual({ problems: document.problems })
  })
})
