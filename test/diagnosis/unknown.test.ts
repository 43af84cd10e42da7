import { describe, expect, it } from 'vitest'
import { diagnoseWith, frame, readOne, serviceScriptFailed, utf8, utf16 } from './log-bytes.js'

const engine = (text: string): string => `MSI (s) (DC:C8) [06:51:07:002]: ${text}`
const causeOf = (...lines: string[]) => readOne(utf16(lines)).attempts[0]?.causes[0]

describe('a failure that no rule knows', () => {
  it('names the failing action, the code and what it means, and shows the lines around', () => {
    const cause = causeOf(...serviceScriptFailed)
    expect(cause).toMatchObject({ id: 'unknown', confidence: 'possible' })
    expect(cause?.title).toBe(
      'CA_SAVEDATA_STOP_SERVICES failed with return value 3, fatal error; exit code 1603, fatal error during installation, which says no more than that',
    )
    const lines = cause?.evidence.map(({ text }) => text)
    expect(lines).toContain('CAQuietExec:  Error 0x80070001: Command line returned an error.')
    expect(lines).toContain('Action ended 6:51:06: CA_SAVEDATA_STOP_SERVICES. Return value 3.')
    const numbers = cause?.evidence.map(({ line }) => line) ?? []
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  })

  it('says that ServiceControl.log is the next to read, unless it is there', () => {
    expect(causeOf(...serviceScriptFailed)?.remedy.join(' ')).toContain('ServiceControl.log')
    const control = utf8([
      '[06:51:02] * ServiceControl.ps1: 6/2/2009',
      '[06:51:02] Performing service control with options: BeforePatch',
      '[06:51:05] Script completed successfully.',
    ])
    const both = diagnoseWith(
      [],
      [
        { path: 'a.log', bytes: utf16(serviceScriptFailed) },
        { path: 'ServiceControl.log', bytes: control },
      ],
    )
    expect(both.files[0]?.attempts[0]?.causes[0]?.remedy.join(' ')).not.toContain('ServiceControl.log')
  })

  it('says how to make a verbose log where this one has no failing action', () => {
    const cause = causeOf(...frame, engine('MainEngineThread is returning 1603'))
    expect(cause?.title).toContain('exit code 1603')
    expect(cause?.remedy.join(' ')).toContain('/lxv*')
  })

  it('gives no meaning to a code that has none', () => {
    expect(causeOf(...frame, engine('MainEngineThread is returning 424242'))?.title).toContain(
      '424242, no meaning known',
    )
  })

  it('always leaves something to do', () => {
    for (const log of [serviceScriptFailed, [...frame, engine('MainEngineThread is returning 1603')]]) {
      expect(causeOf(...log)?.remedy.length).toBeGreaterThan(0)
    }
  })
})
