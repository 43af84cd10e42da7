import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import type { DiagnosedFile } from '../../src/diagnosis/finding.js'
import { rankCauses } from '../../src/diagnosis/rank.js'
import { knowledge } from '../../src/products/knowledge.js'
import { utf8, utf16 } from './log-bytes.js'
import { linesOf } from './rule-logs.js'

const installer = { path: 'ex/952580.log', bytes: utf16(linesOf('execution-policy.match')) }
const control = (lines: readonly string[]) => ({ path: 'ex/ServiceControl.log', bytes: utf8(lines) })

function judged(...files: { path: string; bytes: Uint8Array }[]) {
  const diagnosis = diagnose(files, { knowledge, context: {} })
  const best = (file: DiagnosedFile | undefined) => file?.attempts.at(-1)?.causes[0]
  return {
    files: diagnosis.files,
    first: best(diagnosis.files[0]),
    ranked: rankCauses(diagnosis).map(({ cause }) => cause.id),
  }
}

/** All times of a log moved to another hour. */
const at = (hour: string, lines: readonly string[]): string[] => lines.map(line => line.replace(/^\[06:/, `[${hour}:`))

describe('an installer that failed in the script that stops services', () => {
  it('most likely met an execution policy, as long as there is only its own log', () => {
    expect(judged(installer).first).toMatchObject({ id: 'execution-policy', confidence: 'likely' })
  })

  it('failed because of what ServiceControl.log says of the same time, with the line there', () => {
    const { first, ranked } = judged(installer, control(linesOf('service-stop-failed.match')))
    expect(first).toMatchObject({
      id: 'service-stop-failed',
      confidence: 'certain',
      title: 'The service MSExchangeIS could not be stopped (ex/ServiceControl.log, line 8)',
    })
    expect(ranked).toEqual(['service-stop-failed'])
  })

  it.each(['setup-snap-in', 'gpo-execution-policy'])('is told %s by that log', id => {
    const words = {
      'setup-snap-in':
        "[06:51:04] [Error] The term 'Stop-SetupService' is not recognized as the name of a cmdlet, function, script file, or operable program.",
      'gpo-execution-policy': '[06:51:04] [Error] AuthorizationManager check failed.',
    }[id]
    const lines = [
      ...linesOf('service-stop-failed.near').slice(0, 4),
      words ?? '',
      '[06:51:05] Script completed with one or more errors.',
    ]
    expect(judged(installer, control(lines)).first).toMatchObject({ id, confidence: 'certain' })
  })

  it('is not explained by an attempt of another hour, or by another server', () => {
    const old = control(at('19', linesOf('service-stop-failed.match')))
    expect(judged(installer, old).first).toMatchObject({ id: 'execution-policy' })
    const foreign = { ...control(linesOf('service-stop-failed.match')), path: 'other/ServiceControl.log' }
    expect(judged(installer, foreign).first).toMatchObject({ id: 'execution-policy' })
  })
})

describe('an installer that returned 0', () => {
  it('still left OWA broken when UpdateCas.log of the same folder says so', () => {
    const good = [...linesOf('interrupted.near').map(line => line.replace(/\b23:(\d\d:\d\d)/g, '06:$1'))]
    const cas = { path: 'ex/UpdateCas.log', bytes: utf8(linesOf('owa-broken.match')) }
    const { files, ranked } = judged({ path: 'ex/952580.log', bytes: utf16(good) }, cas)
    expect(files[0]?.attempts[0]).toMatchObject({
      outcome: 'succeeded',
      causes: [{ id: 'owa-broken', confidence: 'certain' }],
    })
    expect(ranked[0]).toBe('owa-broken')
  })

  it('and 3010 says that a restart is owed, and nothing is wrong', () => {
    const lines = linesOf('interrupted.near').map(line =>
      line.replace(/returning 0$/, 'returning 3010').replace(/status: 0\.$/, 'status: 3010.'),
    )
    const { files } = judged({ path: 'a.log', bytes: utf16(lines) })
    expect(files[0]?.attempts[0]).toMatchObject({
      outcome: 'succeeded',
      exitCode: 3010,
      causes: [{ id: 'reboot-pending', title: expect.stringContaining('restart') }],
    })
  })
})

describe('a mismatch of an interim update', () => {
  it('where there is none is most likely the revocation list', () => {
    const lines = linesOf('interim-update-mismatch.match').map(line =>
      line.replaceAll(
        'Interim Update for Exchange Server 2007 Service Pack 1 (KB971111)',
        'Update Rollup 9 for Exchange Server 2007 Service Pack 1 (KB970162)',
      ),
    )
    const { files } = judged({ path: 'a.log', bytes: utf16(lines) })
    expect(files[0]?.attempts[0]?.causes.map(({ id, confidence }) => [id, confidence])).toEqual([
      ['crl-check', 'likely'],
      ['interim-update-mismatch', 'possible'],
    ])
  })
})

describe('what the run knows', () => {
  const lines = linesOf('execution-policy.match')
  const causesWith = (context: object) =>
    diagnose([{ path: 'a.log', bytes: utf16(lines) }], { knowledge, context }).files[0]?.attempts[0]?.causes[0]

  it('makes an execution policy certain, or a Group Policy of it', () => {
    expect(causesWith({ executionPolicy: 'Restricted' })).toMatchObject({
      id: 'execution-policy',
      confidence: 'certain',
    })
    expect(causesWith({ executionPolicy: 'RemoteSigned' })).toMatchObject({
      id: 'execution-policy',
      confidence: 'possible',
    })
    expect(causesWith({ executionPolicy: 'AllSigned', executionPolicyByGroupPolicy: true })).toMatchObject({
      id: 'gpo-execution-policy',
      title: expect.stringContaining('AllSigned'),
    })
  })

  it('is that the server was restarted since: then none is owed', () => {
    const good = linesOf('interrupted.near').map(line => line.replace(/returning 0$/, 'returning 3010'))
    const { files } = diagnose([{ path: 'a.log', bytes: utf16(good) }], {
      knowledge,
      context: { restartedSince: true },
    })
    expect(files[0]?.attempts[0]?.causes).toEqual([])
  })
})

describe('what the build tables know', () => {
  it('names a patch whose package the log does not name, by its code', () => {
    const lines = linesOf('missing-cached-patch.match')
      .filter(line => !/Note: 1: (?:1706|1314)|Unable to create/.test(line))
      .map(line => line.replaceAll('{7C1D2E3F-4A5B-4C6D-8E7F-0123456789AB}', '{09679eb4-b32d-4f10-88c9-34299b366c5b}'))
      .flatMap(line =>
        line.includes('This patch package could not') ? ['Could not find source for missing patch', line] : [line],
      )
    const { first } = judged({ path: 'a.log', bytes: utf16(lines) })
    expect(first).toMatchObject({
      id: 'missing-cached-patch',
      confidence: 'likely',
      title: expect.stringContaining('KB935490 (Exchange 2007 RTM RU2)'),
    })
  })

  it('names the version of a missing package', () => {
    const lines = linesOf('missing-cached-package.match').flatMap(line =>
      line.includes('Installation failed.')
        ? [
            line,
            'MSI (s) (F8:E0) [22:04:13:000]: Windows Installer installed an update. Product Name: Microsoft Exchange Server. Product Version: 8.1.240.6. Product Language: 1033. Update Name: X. Installation success or error status: 1612.',
          ]
        : [line],
    )
    expect(judged({ path: 'a.log', bytes: utf16(lines) }).first?.remedy.join(' ')).toContain(
      'EXCHANGESERVER.msi of Exchange 2007 SP1 RTM (8.1.240.6',
    )
  })
})
