import { describe, expect, it } from 'vitest'
import { exitCodes } from '../../src/errors.js'
import { InputError, inputError, type Problem } from '../../src/input/problem.js'

function problem(line: number, column: number, its: Partial<Problem> = {}): Problem {
  return { code: 'X', line, column, width: 1, message: 'is wrong', instead: 'right', ...its }
}

describe('inputError', () => {
  it('shows file, line, column, the source line, a caret under the place and what to write', () => {
    const error = inputError('inv.yaml', 'a: 1\nbcd: 2\n', [problem(2, 1, { width: 3, message: 'unknown key "bcd"' })])
    expect(error.message.split('\n')).toEqual([
      'inv.yaml has a problem',
      '',
      'inv.yaml:2:1: unknown key "bcd"',
      '  2 | bcd: 2',
      '    | ^^^',
      '  write: right',
    ])
  })

  it('is a usage error that carries all problems, each once, in the order of the file', () => {
    const error = inputError('inv.yaml', 'a: 1\nb: 2', [problem(2, 4), problem(1, 4), problem(2, 4), problem(2, 1)])
    expect(error).toBeInstanceOf(InputError)
    expect(error).toMatchObject({ code: 'INPUT_INVALID', exitCode: exitCodes.usage, file: 'inv.yaml' })
    expect(error.problems.map(({ line, column }) => [line, column])).toEqual([
      [1, 4],
      [2, 1],
      [2, 4],
    ])
    expect(error.message).toMatch(/^inv.yaml has 3 problems/)
  })

  it('shows a problem of another text by the name of that text, after those of the file', () => {
    const source = { name: '--set', text: 'a: 1\nwebhook: T0KEN' }
    const problems = [problem(2, 1, { source }), problem(1, 1), problem(1, 1, { source })]
    const { message } = inputError('roll.yaml', 'x: 1', problems)
    expect(message.split('\n').filter(line => /^\S/.test(line))).toEqual([
      'roll.yaml and --set have 3 problems',
      'roll.yaml:1:1: is wrong',
      '--set:1:1: is wrong',
      '--set:2:1: is wrong',
    ])
    expect(message).toContain('  2 | webhook: ********')
  })

  it('shows no secret, and keeps the caret under what stands behind one', () => {
    const { message } = inputError('f', 'a: { password: hunter2-longer, b: 1 }', [problem(1, 32)])
    const [, , , source = '', carets = ''] = message.split('\n')
    expect(source).not.toContain('hunter2')
    expect(source[carets.indexOf('^')]).toBe('b')
  })

  it('puts the caret right on a line with a tab, and of a long line shows the part around it', () => {
    const tab = inputError('f', 'a:\t\tb', [problem(1, 5)]).message.split('\n')
    expect(tab[3]?.[tab[4]?.indexOf('^') ?? -1]).toBe('b')
    const long = inputError('f', `${'x'.repeat(500)}!${'x'.repeat(500)}`, [problem(1, 501)]).message.split('\n')
    expect(long[3]?.[long[4]?.indexOf('^') ?? -1]).toBe('!')
    expect(long[3]?.length).toBeLessThan(140)
  })

  it('does not let escape sequences of the file reach the terminal', () => {
    expect(inputError('f', 'a: \u001b[31m\u0007red\u009b', [problem(1, 4)]).message).toContain('a: ?[31m?red?')
  })

  it('can point behind the end of the file', () => {
    expect(inputError('f', '', [problem(9, 9)]).message).toContain('f:9:9')
  })
})
