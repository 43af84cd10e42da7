import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { reportText } from '../../src/diagnosis/report-text.js'
import { knowledge } from '../../src/products/knowledge.js'

const article = '/work/shared/seed/rollup-troubleshooting-article.txt'
const text = existsSync(article) ? readFileSync(article, 'utf8') : ''

/** Headings of the article that begin a part of it. */
const headings = [
  '1. Rollup installation may fail when Exchange 2007 is installed on Windows Server 2008\n\nExamination',
  '2. Inability to delete a temporary .msp file\n\nAnother',
  '3. The Windows Installer directory may be missing .msp or .msi files from previous installs\n\nYou may',
  '4. Corruption\n\nRegistry',
] as const
const cases = ['execution-policy', 'not-elevated', 'missing-cached-patch'] as const

function diagnosed(words: string) {
  return diagnose([{ path: 'article.txt', bytes: Buffer.from(words) }], { knowledge, context: {} })
}
/** The best cause of each attempt. */
function bestIn(words: string): (string | undefined)[] {
  return diagnosed(words).files.flatMap(({ attempts }) => attempts.map(({ causes }) => causes[0]?.id))
}
function allIn(words: string): string[] {
  return diagnosed(words).files.flatMap(({ attempts }) => attempts.flatMap(({ causes }) => causes.map(({ id }) => id)))
}
function parts(): { before: string; cases: string[]; after: string } {
  const at = headings.map(heading => text.indexOf(heading))
  const cut = (i: number): string => text.slice(at[i], at[i + 1])
  return { before: text.slice(0, at[0]), cases: [cut(0), cut(1), cut(2)], after: text.slice(at[3]) }
}

/** Paragraphs broken at another width; a line of a log in two, as printing does. */
function wrapped(words: string, width: number): string {
  return words
    .split(/\n[ \t]*\n/)
    .map(paragraph => rewrapped(paragraph, width))
    .join('\n\n')
}
function rewrapped(paragraph: string, width: number): string {
  const records = paragraph.replace(/\n(?!```|MSI|SI \(|CAQuiet|Action|===|\*{3}|Property|DEBUG)/g, ' ').split('\n')
  return records.map(record => fold(record, width)).join('\n')
}
function fold(record: string, width: number): string {
  const lines: string[] = []
  let line = ''
  for (const word of record.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}

describe.skipIf(text === '')("the article's own text (skipped where the article is missing)", () => {
  it('shows its three cases, each by its cause', () => {
    expect(bestIn(text)).toEqual(cases)
  })

  it('shows none of its red herrings as a cause', () => {
    const [found] = [new Set(allIn(text))]
    expect([...found].sort()).toEqual([...cases, 'missing-cached-package'].sort())
    const aside = diagnosed(text).files.flatMap(({ attempts }) =>
      attempts.flatMap(({ redHerrings }) => redHerrings.map(({ id }) => id)),
    )
    expect(aside).toEqual(expect.arrayContaining(['error-2826', 'note-2262', 'note-1729', 'message-property']))
  })

  it('says what is missing in full, and the release as it is, not as the article has it', () => {
    const [patch] = diagnosed(text).files.flatMap(({ attempts }) =>
      attempts.flatMap(({ causes }) => causes.filter(({ id }) => id === 'missing-cached-patch')),
    )
    expect(patch).toMatchObject({
      confidence: 'certain',
      title: expect.stringContaining('KB935490 (Exchange 2007 RTM RU2)'),
    })
    const remedy = patch?.remedy.join('\n') ?? ''
    expect(remedy).toContain('copy "Exchange2007-KB935490-x64-EN.MSP" "C:\\WINDOWS\\Installer\\5c321.msp"')
    expect(remedy).toContain('{09679EB4-B32D-4F10-88C9-34299B366C5B}')
    expect(remedy).toContain('4BE97690D23B01F4889C4392B963C6B5')
    expect(remedy).toContain('Never copy a file by its hex name')
    expect(reportText(diagnosed(text), { width: 80, safe: words => words })).not.toContain('SP1 RU2')
  })

  it('shows the same when it is wrapped at another width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 240 }), width => {
        expect(bestIn(wrapped(text, width))).toEqual(cases)
      }),
      { numRuns: 40 },
    )
  })

  it('shows just the cases that are left in it, in whatever order', () => {
    const { before, cases: own, after } = parts()
    const some = fc.shuffledSubarray([0, 1, 2])
    fc.assert(
      fc.property(some, fc.boolean(), fc.boolean(), (order, withBefore, withAfter) => {
        const words = `${withBefore ? before : ''}${order.map(i => own[i]).join('')}${withAfter ? after : ''}`
        const found = bestIn(words).filter(id => id !== undefined && id !== 'unknown')
        expect(found).toEqual(order.map(i => cases[i]))
      }),
      { numRuns: 60 },
    )
  })

  it('shows nothing that is certain when only its prose is left', () => {
    const prose = text.replace(/```[\s\S]*?```/g, '').replace(/^.*(?:MSI|SI) \(.*$/gm, '')
    const certain = diagnosed(prose).files.flatMap(({ attempts }) =>
      attempts.flatMap(({ causes }) => causes.filter(({ confidence }) => confidence === 'certain')),
    )
    expect(certain).toEqual([])
  })
})
