import { describe, expect, it } from 'vitest'
import { poisonedServiceState } from '../../src/diagnosis/rules/poisoned-service-state.js'
import { attemptOf, diagnoseWith, readOne, utf8 } from './log-bytes.js'

const patch = (operation: string, ...lines: string[]): string[] => [
  '[06:51:02] --------------------',
  '[06:51:02] * ServiceControl.ps1: 6/2/2009 6:51:02 AM',
  `[06:51:02] Performing service control with options: ${operation}`,
  ...lines,
]
const stopping = "[06:51:04] Stopping service 'MSExchangeIS'."
const failed = "[06:52:04] [Error] Unable to stop all services for 'Mailbox'."
const completed = '[06:52:05] Script completed successfully.'

describe('ServiceControl.log', () => {
  it('fails where the script says so, with the step that ran before', () => {
    const file = readOne(utf8(patch('BeforePatch', stopping, failed)))
    expect(file.kind).toBe('service-control')
    expect(attemptOf(file)).toMatchObject({ outcome: 'failed', firstFailure: { line: 5, action: 'BeforePatch' } })
    expect(attemptOf(file).causes[0]?.evidence).toEqual(
      expect.arrayContaining([
        { line: 4, text: stopping },
        { line: 5, text: failed },
      ]),
    )
  })

  it('succeeds when the script completed, and takes what runs after the patch for the same attempt', () => {
    const log = [...patch('BeforePatch', stopping, completed), ...patch('AfterPatch', completed)]
    expect(attemptOf(readOne(utf8(log))).outcome).toBe('succeeded')
  })

  it('is incomplete when the script never came to its end: it was killed, or it still runs', () => {
    expect(attemptOf(readOne(utf8(patch('BeforePatch', stopping))))).toMatchObject({
      outcome: 'incomplete',
      causes: [],
    })
  })

  it('fails when it completed with one or more errors', () => {
    const log = patch('BeforePatch', stopping, '[06:52:05] Script completed with one or more errors.')
    expect(attemptOf(readOne(utf8(log))).outcome).toBe('failed')
  })

  it('holds an attempt for each patch the server ever got', () => {
    const log = [...patch('BeforePatch', failed), ...patch('BeforePatch', completed), ...patch('AfterPatch', completed)]
    expect(readOne(utf8(log)).attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded'])
  })
})

describe('ServiceControl.log of Exchange 2013 and later, whose banner does not say what runs', () => {
  const before = [...patch(''), '[06:51:03] Saving service and registry data', stopping]
  const disabled = "[06:51:09] Disabling service 'MSExchangeIS'."
  const after = [
    ...patch(''),
    '[06:58:03] Enabling services for the following roles: Mailbox',
    '[06:58:09] Script completed succesfully.',
  ]

  it('holds an attempt for each patch, told by the first step of its run', () => {
    const log = [...before, failed, ...before, completed, ...after]
    expect(readOne(utf8(log)).attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded'])
  })

  it('shows a patch that saved as the right state what the one before it had left disabled', () => {
    const overwritten =
      '[06:51:03] Overwrite is specified. File C:\\ExchangeSetupLogs\\ServiceState.xml is going to be overwritten with a new state.'
    const second = [
      ...patch(''),
      '[17:15:24] Saving service and registry data',
      overwritten,
      '[17:15:27] [Error] It failed.',
    ]
    const causesOf = (lines: string[]): string[] => {
      const { files } = diagnoseWith([poisonedServiceState], [{ path: 'a.log', bytes: utf8(lines) }])
      return (files[0]?.attempts.at(-1)?.causes ?? []).map(({ id }) => id)
    }
    expect(causesOf([...before, disabled, completed, ...second])).toContain('poisoned-service-state')
    expect(causesOf([...before, disabled, completed, ...after, ...second])).not.toContain('poisoned-service-state')
  })

  it('takes the time between two runs for no silence', () => {
    const next = patch('', '[17:15:24] Saving service and registry data').map(line =>
      line.replace('06:51:02', '17:15:24'),
    )
    const gaps = readOne(utf8([...before, completed, ...next])).attempts.flatMap(attempt => attempt.gaps ?? [])
    expect(gaps.map(({ seconds }) => seconds)).toEqual([61])
  })
})

describe('UpdateCas.log', () => {
  it('fails with its own words, though the script exits as if nothing had happened', () => {
    const file = readOne(
      utf8([
        '[06:55:00] UpdateCas.ps1 started',
        '[06:55:01] Updating OWA/ECP',
        '[06:55:02] Error updating OWA/ECP: Could not load file.',
      ]),
    )
    expect(file.kind).toBe('update-cas')
    expect(attemptOf(file)).toMatchObject({ outcome: 'failed', firstFailure: { line: 3 } })
  })

  it('succeeds without them', () => {
    const log = ['[06:55:00] UpdateCas.ps1 started', '[06:55:01] Updating OWA/ECP', '[06:55:02] OWA web.config updated']
    expect(attemptOf(readOne(utf8(log)))).toMatchObject({ outcome: 'succeeded', causes: [] })
  })

  it('holds every run of the script: an old failure says nothing of the last run', () => {
    const run = (hour: string, line: string): string[] => [
      `[${hour}:55:00] ***********************************************`,
      `[${hour}:55:00] * UpdateCas.ps1: 6/2/2009 ${hour}:55:00`,
      `[${hour}:55:01] Updating OWA on server EX-CAS-01`,
      `[${hour}:55:02] ${line}`,
    ]
    const log = [
      ...run('06', 'Error updating OWA/ECP: Could not load file.'),
      ...run('19', 'OWA web.config was written.'),
    ]
    expect(readOne(utf8(log)).attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded'])
  })
})
