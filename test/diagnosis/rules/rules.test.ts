import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyRules } from '../../../src/diagnosis/apply-rules.js'
import type { Cause } from '../../../src/diagnosis/finding.js'
import type { DiagnosisContext } from '../../../src/diagnosis/rule.js'
import { rules } from '../../../src/diagnosis/rules/index.js'
import { knowledge } from '../../../src/products/knowledge.js'
import { utf8, utf16 } from '../log-bytes.js'
import { linesOf, type RuleLog, ruleLogs } from '../rule-logs.js'

const ids = rules.map(({ id }) => id)
const ranks = ['possible', 'likely', 'certain'] as const

function diagnosed(bytes: Uint8Array, context: DiagnosisContext = {}) {
  const [file] = applyRules([{ path: 'a.log', bytes }], { knowledge, context, rules }).files
  if (file === undefined) throw new Error('no file')
  return file
}
function causesIn(lines: readonly string[], context?: DiagnosisContext): Cause[] {
  return diagnosed(utf8(lines), context).attempts.flatMap(({ causes }) => causes)
}
const named = ({ name, id }: RuleLog): string => `${id} in ${name}.log`

/** Lines that say nothing, as a log of that kind has them by the thousand. */
function fillerFor([first = '']: readonly string[]): string[] | undefined {
  if (first.startsWith('===')) {
    const time = / {2}(\d{1,2}:\d\d:\d\d) /.exec(first)?.[1]?.padStart(8, '0') ?? ''
    return Array.from(
      { length: 2000 },
      (_, i) => `MSI (s) (F8:E0) [${time}:999]: Executing op: RegAddValue(Name=Version${i},Value=#${i},)`,
    )
  }
  if (!first.startsWith('[11/')) return undefined
  return Array.from(
    { length: 2000 },
    (_, i) => `[11/14/2021 22:04:11.0310] [1] Finished [Setting:Number${i}] [Duration:00:00:00]`,
  )
}

/** How people put a log into a page or a mail (msi-log-format.md, "File level"). */
const pasted: Record<string, (lines: readonly string[]) => string[]> = {
  'four blanks before each line': lines => lines.map(line => `    ${line}`),
  'an empty line after each': lines => lines.flatMap(line => [line, '']),
  'two blanks after each line': lines => lines.map(line => `${line}  `),
  'a mark of quotation': lines => lines.map(line => `> ${line}`),
  'a fence and a greeting': lines => ['Hello, what does this mean?', '', '```', ...lines, '```', '', 'Thank you!'],
  'no prefix': lines => lines.map(line => line.replace(/^MSI \([a-z]\) \([0-9A-F]+[:!][0-9A-F]+\) \[[\d:]+\]: /, '')),
}

describe('the rules', () => {
  it('have an id each, in small letters, that no other has', () => {
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z]+(?:-[a-z]+)*$/)
  })

  it.each(ids)('%s has a log that shows it and a near miss that does not', id => {
    expect(ruleLogs.map(log => log.id)).toContain(id)
    for (const name of [`${id}.match`, `${id}.near`]) {
      expect(existsSync(join(import.meta.dirname, '..', 'logs', `${name}.log`)), name).toBe(true)
    }
    expect(causesIn(linesOf(`${id}.near`)).map(cause => cause.id)).not.toContain(id)
  })

  it.each(rules.map(rule => [rule.id, rule] as const))('%s says what it is and what to do', (_, rule) => {
    expect(rule.title.length).toBeLessThanOrEqual(110)
    expect(rule.about).toMatch(/\.$/)
    expect(rule.remedy.length).toBeGreaterThan(0)
    expect(rule.watch.length).toBeGreaterThan(0)
  })
})

describe('the best cause', () => {
  it.each(ruleLogs.map(log => [named(log), log] as const))('is %s', (_, log) => {
    const lines = linesOf(log.name)
    const [best] = causesIn(lines, log.context)
    expect({ id: best?.id, confidence: best?.confidence }).toEqual({ id: log.id, confidence: log.confidence })
    for (const { line, text } of best?.evidence ?? [])
      expect(lines[line - 1]).toContain(text.replace(/\.\.\.$/, '').trim())
  })

  it.each(ruleLogs.map(log => [named(log), log] as const))('is the only one that is certain: %s', (_, log) => {
    const others = causesIn(linesOf(log.name), log.context).filter(({ id }) => id !== log.id)
    expect(others.filter(({ confidence }) => confidence === 'certain')).toEqual([])
  })

  it.each(ruleLogs.map(log => [named(log), log] as const))(
    'is the same in every encoding and with every line end: %s',
    (_, log) => {
      const lines = linesOf(log.name)
      const text = `${lines.join('\r\n')}\r\n`
      const expected = causesIn(lines, log.context).map(({ id, confidence }) => `${id} ${confidence}`)
      const variants = [
        utf16(lines),
        Buffer.from(text, 'utf16le'),
        Buffer.from(text, 'utf16le').swap16(),
        Buffer.from(text),
        Buffer.from(`\ufeff${text}`),
        Buffer.from(`${text}caf\xe9`, 'latin1'),
      ]
      for (const bytes of variants) {
        expect(
          diagnosed(bytes, log.context).attempts.flatMap(({ causes }) =>
            causes.map(({ id, confidence }) => `${id} ${confidence}`),
          ),
        ).toEqual(expected)
      }
    },
  )

  it.each([
    ['UTF-16', utf16],
    ['UTF-8', utf8],
  ])('is the same in a log so large that it is gone over as bytes, in %s', (_, encode) => {
    for (const { name, id, context } of ruleLogs) {
      const lines = linesOf(name)
      const filler = fillerFor(lines)
      if (filler === undefined || id === 'interrupted') continue
      const large = [...lines.slice(0, 12), ...filler, ...lines.slice(12)]
      const file = diagnosed(encode(large), context)
      const expected = causesIn(lines, context)
      expect(file.lines, name).toBe(large.length)
      expect(
        file.attempts.flatMap(({ causes }) => causes.map(cause => [cause.id, cause.confidence])),
        name,
      ).toEqual(expected.map(cause => [cause.id, cause.confidence]))
      for (const { line, text } of file.attempts.flatMap(({ causes }) => causes[0]?.evidence ?? []))
        expect(large[line - 1], name).toContain(text.replace(/\.\.\.$/, '').trim())
    }
  })

  it.each(Object.entries(pasted))('is the same in a log pasted with %s', (_, paste) => {
    for (const { name, context } of ruleLogs.filter(log => log.id !== 'interrupted')) {
      const lines = linesOf(name)
      expect(causesIn(paste(lines), context)[0]?.id, name).toBe(causesIn(lines, context)[0]?.id)
    }
  })

  it.each(ruleLogs.filter(({ block }) => block.source !== '.').map(log => [named(log), log] as const))(
    'is not %s any more, or less sure, and no other that is certain, without the lines that show it',
    (_, log) => {
      const rest = linesOf(log.name).filter(line => !log.block.test(line) || line.startsWith('Property('))
      const causes = causesIn(rest, log.context)
      const own = causes.filter(({ id }) => id === log.id)
      for (const { confidence } of own) {
        expect(ranks.indexOf(confidence)).toBeLessThan(Math.max(1, ranks.indexOf(log.confidence)))
      }
      expect(causes.filter(({ id, confidence }) => id !== log.id && confidence === 'certain')).toEqual([])
    },
  )
})

describe('a log that was spoiled', () => {
  const anyLog = fc.constantFrom(...ruleLogs).map(({ name }) => linesOf(name))
  const inFile = (lines: readonly string[]): void => {
    const file = diagnosed(utf8(lines))
    for (const { causes, firstFailure } of file.attempts) {
      const numbers = [...causes.flatMap(({ evidence }) => evidence.map(({ line }) => line)), firstFailure?.line ?? 1]
      for (const line of numbers) expect(line).toBeLessThanOrEqual(file.lines)
    }
  }

  it('by shuffling its lines is still read, and names only lines that it has', () => {
    fc.assert(
      fc.property(
        anyLog.chain(lines => fc.shuffledSubarray(lines, { minLength: lines.length })),
        inFile,
      ),
      { numRuns: 60 },
    )
  })

  it('by leaving lines out or writing them twice is still read, and names only lines that it has', () => {
    const spoiled = anyLog.chain(lines =>
      fc
        .array(fc.nat(3), { minLength: lines.length, maxLength: lines.length })
        .map(times => lines.flatMap((line, i) => Array<string>(times[i] ?? 0).fill(line))),
    )
    fc.assert(fc.property(spoiled, inFile), { numRuns: 60 })
  })

  it('by cutting it anywhere is still read', () => {
    const cut = fc.tuple(anyLog, fc.boolean()).chain(([lines, wide]) => {
      const bytes = wide ? utf16(lines) : utf8(lines)
      return fc
        .tuple(fc.nat(bytes.length), fc.nat(bytes.length))
        .map(([a, b]) => bytes.subarray(Math.min(a, b), Math.max(a, b)))
    })
    fc.assert(
      fc.property(cut, bytes => {
        expect(diagnosed(bytes).bytes).toBe(bytes.length)
      }),
      { numRuns: 100 },
    )
  })

  it('by writing it twice into one file tells the same of both', () => {
    for (const { name, id } of ruleLogs.filter(
      ({ context, name: own }) => context === undefined && own.endsWith('.match') && own !== 'interrupted.match',
    )) {
      const lines = linesOf(name)
      if (!lines[0]?.startsWith('===') || !lines.some(line => line.startsWith('=== Verbose logging stopped'))) continue
      const both = diagnosed(utf8([...lines, ...lines])).attempts.map(({ causes }) => causes[0]?.id)
      expect(both).toEqual(Array(both.length).fill(id))
    }
  })
})
