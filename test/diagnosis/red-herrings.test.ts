import { describe, expect, it } from 'vitest'
import type { RedHerring } from '../../src/diagnosis/finding.js'
import { redHerringRules } from '../../src/diagnosis/red-herrings.js'
import { evidenceOf, type Rule } from '../../src/diagnosis/rule.js'
import { attemptOf, diagnoseWith, frame, readOne, utf16 } from './log-bytes.js'

const engine = (text: string): string => `MSI (s) (DC:C8) [06:51:07:002]: ${text}`
const failed = engine('MainEngineThread is returning 1603')
const lastError = engine('Unable to delete the file. LastError = 32')

const aside = (...lines: string[]): RedHerring[] => attemptOf(readOne(utf16([...frame, ...lines]))).redHerrings
const first = frame.length + 1

describe('red herrings', () => {
  it.each([
    [
      'error-2826',
      'DEBUG: Error 2826:  Control BottomLine on dialog ErrorDlg extends beyond the boundaries of the dialog to the right by 5 pixels',
    ],
    [
      'error-2826',
      'The installer has encountered an unexpected error installing this package. The error code is 2826. The arguments are: ErrorDlg, BottomLine, to the right',
    ],
    ['error-2898', 'Info 2898. For Tahoma8 textstyle, the system created a Tahoma font.'],
    ['note-2262', engine('Note: 1: 2262 2: Error 3: -2147287038')],
    ['note-1729', engine('Note: 1: 1729')],
    ['note-of-success', engine('Note: 1: 1402 2: UNKNOWN\\Net 3: 2')],
    ['note-of-success', engine('Note: 1: 2203 2: C:\\Windows\\Installer\\inprogressinstallinfo.ipi 3: -2147287038')],
    [
      'message-property',
      'Property(C): msgINTERIMUPDATEDETECTED = Unable to install because a previous Interim Update for Exchange Server 2007 has been installed.',
    ],
    [
      'ignored-action',
      'CustomAction CA_X returned actual error code 1603 but will be translated to success due to continue marking',
    ],
    ['info-1603', engine('Info 1603. The file C:\\a.dll is being held in use.')],
  ])('%s is set aside with its line: %s', (id, line) => {
    expect(aside(line, failed)).toContainEqual({ id, lines: [first] })
  })

  it('do not include a patch that could not be opened, though its number stands in good logs too', () => {
    expect(aside(engine('Note: 1: 2203 2: C:\\WINDOWS\\Installer\\5c321.msp 3: -2147287038'), failed)).toEqual([])
  })

  it('include a file in use only after the outcome is known: before it, it may be the cause', () => {
    expect(aside(failed, lastError)).toContainEqual({ id: 'late-lasterror-32', lines: [first + 1] })
    expect(aside(lastError, failed)).toEqual([])
  })

  it('never include a line that proves a cause', () => {
    const rule: Rule = {
      id: 'not-elevated',
      title: 'x',
      about: 'x',
      kinds: ['msi'],
      watch: ['LastError = 32'],
      remedy: [],
      match: ({ said }) => ({ confidence: 'possible', evidence: evidenceOf(...said('LastError = 32')) }),
    }
    const { files } = diagnoseWith([rule], [{ path: 'a', bytes: utf16([...frame, failed, lastError]) }])
    expect(files[0]?.attempts).toMatchObject([{ causes: [{ evidence: [{ line: first + 1 }] }], redHerrings: [] }])
  })

  it('have ids of their own, each with a reason in a sentence', () => {
    const ids = redHerringRules.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { why } of redHerringRules) expect(why).toMatch(/^[A-Z].*[.]$/)
  })
})
