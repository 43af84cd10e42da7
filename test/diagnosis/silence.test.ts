import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Attempt } from '../../src/diagnosis/finding.js'
import { reportText } from '../../src/diagnosis/report-text.js'
import { SilenceFinder } from '../../src/diagnosis/silence.js'
import { attemptOf, diagnoseWith, readOne, utf16 } from './log-bytes.js'

const clock = (second: number): string =>
  [second / 3600, (second / 60) % 60, second % 60].map(part => String(Math.floor(part)).padStart(2, '0')).join(':')
const record = (second: number, text: string): string => `MSI (s) (DC:C8) [${clock(second % 86_400)}:000]: ${text}`

describe('the silences of a log', () => {
  it('are exactly the pairs of neighbours that are a minute or more apart, over midnight too', () => {
    // All of them together no more than 22 hours: the times alone do not tell a day from none.
    const steps = fc
      .tuple(fc.array(fc.nat(20), { maxLength: 400 }), fc.array(fc.integer({ min: 60, max: 40_000 }), { maxLength: 8 }))
      .filter(([short, long]) => [...short, ...long].reduce((sum, gap) => sum + gap, 0) < 22 * 3600)
      .chain(([short, long]) => fc.shuffledSubarray([...short, ...long], { minLength: short.length + long.length }))
    fc.assert(
      fc.property(steps, fc.integer({ min: 50, max: 20_000 }), fc.nat(86_399), (gaps, batch, start) => {
        let second = start
        let text = `${record(second, 'first')}\r\n`
        const expected: { at: number; seconds: number }[] = []
        for (const gap of gaps) {
          second += gap
          if (gap >= 60) expected.push({ at: text.length + 'MSI (s) (DC:C8) '.length, seconds: gap })
          text += `${record(second, `Executing op: RegAddValue(Name=Version${gap},)`)}\r\n${gap % 3 === 0 ? 'a line without a time\r\n' : ''}`
        }
        const finder = new SilenceFinder()
        const found = []
        for (let from = 0; from < text.length; from += batch) {
          found.push(...finder.find((a, b) => text.slice(a, b), from, Math.min(from + batch, text.length)))
        }
        expect(found).toEqual(expected)
      }),
    )
  })

  it('are told with their line and the action that ran, the longest first', () => {
    const log = [
      '=== Verbose logging started: 6/2/2009  23:50:58  Build type: SHIP UNICODE 4.00.6001.00  Calling process: C:\\Windows\\System32\\msiexec.exe ===',
      record(23 * 3600 + 51 * 60, 'Resetting cached policy values'),
      'Action start 23:51:00: InstallFiles.',
      record(23 * 3600 + 53 * 60, 'File: a.dll'),
      record(
        23 * 3600 + 53 * 60,
        'Executing op: ActionStart(Name=CA_NGEN,Description=Creating Native images for .NET assemblies,)',
      ),
      record(24 * 3600 + 22 * 60, 'Executing op: End(Checksum=0)'),
    ]
    const attempt = attemptOf(readOne(utf16(log)))
    expect(attempt.gaps).toEqual([
      { line: 5, seconds: 1740, action: 'CA_NGEN', phase: 'Creating Native images for .NET assemblies' },
      { line: 3, seconds: 120, action: 'InstallFiles' },
    ])
    const report = reportText(diagnoseWith([], [{ path: 'a.log', bytes: utf16(log) }]), {
      width: 80,
      safe: text => text,
    })
    expect(report).toContain('29:00           5  Creating Native images for .NET assemblies (CA_NGEN)')
  })

  it('may last a night, from the evening to the late morning', () => {
    const hour = 3600
    const text = `${record(22 * hour, 'a')}\r\n${record(35 * hour, 'b')}\r\n`
    const found = new SilenceFinder().find((a, b) => text.slice(a, b), 0, text.length)
    expect(found.map(({ seconds }) => seconds)).toEqual([13 * hour])
  })

  it('are none between two installations in one file', () => {
    const one = (second: number): string[] => [
      `=== Verbose logging started: 6/2/2009  ${clock(second)}  Build type: SHIP UNICODE 4.00.6001.00  Calling process: C:\\Windows\\System32\\msiexec.exe ===`,
      record(second, 'Resetting cached policy values'),
      record(second + 5, 'MainEngineThread is returning 0'),
      `=== Verbose logging stopped: 6/2/2009  ${clock(second + 5)} ===`,
    ]
    const file = readOne(utf16([...one(7 * 3600), ...one(9 * 3600)]))
    expect(file.attempts.map(({ gaps }: Attempt) => gaps)).toEqual([undefined, undefined])
  })
})
