import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { mostBytes, readDocument } from '../../src/input/document.js'

function problemsOf(text: string) {
  return readDocument('f.yaml', text).problems.map(({ code, line, column }) => ({ code, line, column }))
}

describe('readDocument: what it refuses', () => {
  it.each([
    ['an empty file', '', 'EMPTY', 1, 1],
    ['a file of comments', '# nothing\n', 'EMPTY', 1, 1],
    ['a list', '- a\n', 'NOT_A_MAPPING', 1, 1],
    ['a key that is there twice', 'a: 1\nb: 2\na: 3\n', 'DUPLICATE_KEY', 3, 1],
    ['a key that is a number', 'a: 1\n7: x\n', 'KEY_NOT_TEXT', 2, 1],
    ['several documents', 'a: 1\n---\nb: 2\n', 'SEVERAL_DOCUMENTS', 3, 1],
    ['an open bracket', 'a: [1, 2\n', 'SYNTAX', 2, 1],
    ['an open quote, where it opens', "a: 1\nb: 'x\nc: 2\n", 'SYNTAX', 2, 4],
    ['a tab as indentation', 'a:\n\tb: 1\n', 'SYNTAX', 2, 1],
    ['an unknown tag', 'a: !secret x\n', 'SYNTAX', 1, 4],
    ['an alias of nothing', 'a: *b\n', 'ALIAS_UNKNOWN', 1, 4],
    ['an alias of itself', 'a: &a\n  b: [*a]\n', 'ALIAS_LOOP', 2, 7],
  ])('refuses %s', (_what, text, code, line, column) => {
    expect(problemsOf(text)).toEqual([{ code, line, column }])
  })

  it('tells all that is wrong at once', () => {
    expect(problemsOf('a: 1\na: 2\n3: x\n---\nb: 2\n').map(({ code }) => code)).toEqual([
      'DUPLICATE_KEY',
      'SEVERAL_DOCUMENTS',
      'KEY_NOT_TEXT',
    ])
  })

  it('refuses an alias bomb without expanding it', () => {
    const levels = Array.from({ length: 20 }, (_, level) => {
      const inner = level === 0 ? 'x' : `*a${level - 1}`
      return `a${level}: &a${level} [${Array(10).fill(inner).join(', ')}]`
    })
    const document = readDocument('f.yaml', `${levels.join('\n')}\n`)
    expect(document.problems.map(({ code }) => code)).toEqual(['ALIAS_BOMB'])
    expect(document.value).toBeUndefined()
  })

  it('refuses more than 1 MiB, and takes 1 MiB', () => {
    const full = `a: '${'x'.repeat(mostBytes - 6)}'\n`
    expect(Buffer.byteLength(full)).toBe(mostBytes)
    expect(problemsOf(full)).toEqual([])
    expect(problemsOf(`${full}#`)).toEqual([{ code: 'TOO_LARGE', line: 1, column: 1 }])
    expect(problemsOf(`a: '${'\u00e4'.repeat(mostBytes / 2)}'\n`)[0]?.code).toBe('TOO_LARGE')
  })

  it('refuses brackets nested without end', () => {
    expect(readDocument('f.yaml', `a: ${'['.repeat(20_000)}`).problems.map(({ message }) => message)).toEqual([
      'the file is nested too deeply',
    ])
  })

  it('never throws, and never gives a value from a text that it found broken', () => {
    const words = fc.constantFrom(
      'a',
      ': ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '"',
      "'",
      '!t ',
      '#',
      '|',
      '---',
      ',',
      '? ',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), parts => {
        const { problems, value } = readDocument('f.yaml', parts.join(''))
        if (problems.length === 0) expect(value).toBeTypeOf('object')
        if (problems.some(({ code }) => code === 'SYNTAX')) expect(value).toBeUndefined()
        for (const { line, column, width } of problems) expect(Math.min(line, column, width)).toBeGreaterThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })
})

describe('readDocument: places', () => {
  const text = 'servers:\n  - { name: a, host: b.example }\n  - name: c\n    ssh:\n      jump: d\nempty:\n'
  const document = readDocument('f.yaml', text)

  it('finds keys and values', () => {
    expect(document.at(['servers', 0, 'host'])).toEqual({ line: 2, column: 22, width: 9 })
    expect(document.at(['servers', 0, 'host'], 'key')).toEqual({ line: 2, column: 16, width: 4 })
    expect(document.at(['servers', 1, 'ssh', 'jump'])).toEqual({ line: 5, column: 13, width: 1 })
  })

  it('takes the nearest parent of what is not there, and the key of what has no value', () => {
    expect(document.at(['servers', 1, 'host'])).toMatchObject({ line: 3, column: 5 })
    expect(document.at(['servers', 1, 'ssh', 'jump', 'deeper', 3])).toMatchObject({ line: 5, column: 13 })
    expect(document.at(['empty'])).toEqual({ line: 6, column: 1, width: 5 })
  })

  it('goes through an alias to where the value is written', () => {
    const aliased = readDocument('f.yaml', 'a: &x { b: 1 }\nc: *x\n')
    expect(aliased.at(['c'])).toEqual({ line: 2, column: 4, width: 2 })
    expect(aliased.at(['c', 'b'])).toEqual({ line: 1, column: 12, width: 1 })
  })

  it('counts the same with a byte order mark and with Windows line ends', () => {
    const windows = readDocument('f.yaml', `\uFEFF${text.replaceAll('\n', '\r\n')}`)
    expect(windows.value).toEqual(document.value)
    expect(windows.at(['servers', 1, 'ssh', 'jump'])).toEqual(document.at(['servers', 1, 'ssh', 'jump']))
  })

  it('gives back any value that YAML was made of', () => {
    const key = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'b', '-', '0', ' ', ':', '#') })
    const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 8 }))
    fc.assert(
      fc.property(fc.dictionary(key, fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })), { minKeys: 1 }), value => {
        expect(readDocument('f.yaml', stringify(value)).value).toEqual({ ...value })
      }),
    )
  })
})
