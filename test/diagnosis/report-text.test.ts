import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attempt, Cause, Diagnosis } from '../../src/diagnosis/finding.js'
import { reportText, verdictOf } from '../../src/diagnosis/report-text.js'
import { columns } from '../../src/diagnosis/wrap.js'
import { terminalText } from '../../src/output/terminal-text.js'

const cause: Cause = {
  id: 'missing-cached-patch',
  confidence: 'certain',
  title: 'A patch is missing from the Installer folder',
  evidence: [
    {
      line: 4711,
      text: "MSI (c) (58:50) [13:13:00:041]: Couldn't find local patch 'C:\\WINDOWS\\Installer\\5c321.msp'. Looking for it at its source.",
    },
  ],
  remedy: ['Copy Exchange2007-KB935490-x64-EN.MSP to C:\\WINDOWS\\Installer\\5c321.msp.', 'Install again.'],
  fix: 'exroll run playbooks/repair-cache.yaml',
}
const failed: Attempt = {
  outcome: 'failed',
  exitCode: 1635,
  product: 'Microsoft Exchange Server',
  firstFailure: { line: 4720, action: 'CA_X', returnValue: 3 },
  causes: [cause],
  redHerrings: [{ id: 'note-2262', lines: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }],
}
const succeeded: Attempt = { outcome: 'succeeded', exitCode: 0, causes: [], redHerrings: [] }
const of = (...attempts: Attempt[]): Diagnosis => ({
  schema: 'exroll.diagnosis/1',
  files: [{ path: 'logs/952580.log', kind: 'msi', encoding: 'utf-16le', bytes: 100, lines: 5000, attempts }],
})
const show = (diagnosis: Diagnosis, width = 80): string[] =>
  reportText(diagnosis, { width, safe: terminalText }).split('\n')

describe('the report of a diagnosis', () => {
  it('says verdict, cause, lines that prove it, numbered steps, the command, and what was set aside and why', () => {
    const lines = show(of(failed))
    expect(lines[0]).toBe('failed: A patch is missing from the Installer folder (certain)')
    const text = lines.join('\n')
    expect(text).toContain('logs/952580.log: msi, utf-16le, 5000 lines')
    expect(text).toContain('exit code 1635')
    expect(text).toContain('First failure: line 4720, CA_X, return value 3')
    expect(text).toContain('Cause (certain, missing-cached-patch)')
    expect(text).toMatch(/ 4711 {2}MSI \(c\) \(58:50\)/)
    expect(text).toMatch(/ 1\. Copy .*\n(?: .*\n)? +2\. Install again\./)
    expect(text).toContain('exroll run playbooks/repair-cache.yaml')
    expect(text).toContain('note-2262, lines 1, 2, 3, 4, 5, 6, 7, 8 and 2 more.')
  })

  it('marks the words that matter, where a long line is cut too', () => {
    const lines = reportText(of(failed), {
      width: 80,
      safe: terminalText,
      watched: () => ["Couldn't find local patch"],
    }).split('\n')
    const at = lines.findIndex(line => line.includes("Couldn't find"))
    const carets = lines[at + 1] ?? ''
    expect(carets.trim()).toMatch(/^\^+$/)
    expect(lines[at]?.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe("Couldn't find local patch")
    const all = (text: string): number => (text.match(/\^/g) ?? []).length
    for (const width of [40, 50, 63, 200]) {
      const shown = reportText(of(failed), { width, safe: terminalText, watched: () => ["Couldn't find local patch"] })
      expect(all(shown)).toBe("Couldn't find local patch".length)
    }
  })

  it('has no line wider than the terminal, whatever the logs hold, and no escape of theirs', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    fc.assert(
      fc.property(text, text, fc.integer({ min: 40, max: 120 }), (title, line, width) => {
        const odd: Cause = { ...cause, title, evidence: [{ line: 7, text: `\u001b[31m${line}` }], remedy: [line] }
        for (const shown of show(of({ ...failed, product: title, causes: [odd] }), width)) {
          expect(columns(shown)).toBeLessThanOrEqual(width)
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is the point
          expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
        }
      }),
    )
  })
})

describe('the verdict', () => {
  const incomplete: Attempt = { ...succeeded, outcome: 'incomplete', exitCode: null }
  it.each([
    ['no failure', of(succeeded)],
    ['failed before: the last attempt succeeded, 1 earlier one failed', of(failed, succeeded)],
    ['failed: A patch is missing from the Installer folder (certain)', of(succeeded, failed)],
    ['incomplete: the log ends before the installation does', of(incomplete)],
    ['incomplete: A patch is missing from the Installer folder (certain)', of({ ...incomplete, causes: [cause] })],
    ['succeeded, but A patch is missing from the Installer folder (certain)', of({ ...succeeded, causes: [cause] })],
    ['unreadable: no installation attempt of a kind that exroll knows is in here', of()],
  ])('%s', (verdict, diagnosis) => {
    expect(verdictOf(diagnosis)).toBe(verdict)
  })
})
