import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evidenceOf, type Rule } from '../../src/diagnosis/rule.js'
import { attemptOf, diagnoseWith, frame, readOne, serviceScriptFailed, utf8, utf16 } from './log-bytes.js'

const script: Rule = {
  id: 'script',
  title: 'The script failed',
  about: 'about',
  kinds: ['msi'],
  watch: ['CAQuietExec: Error 0x80070001:'],
  remedy: ['Look into ServiceControl.log.'],
  match: ({ said }) => {
    const [first] = said('CAQuietExec: Error 0x80070001:')
    return first === undefined ? undefined : { confidence: 'likely', evidence: evidenceOf(first) }
  },
}

const wrongProcessor: Rule = {
  id: 'wrong-processor',
  title: 'x86',
  about: 'about',
  kinds: ['msi'],
  watch: ['The version of this file is not compatible'],
  remedy: [],
  match: ({ said }) =>
    said('The version of this file is not compatible').length === 0
      ? undefined
      : { confidence: 'certain', evidence: [] },
}

describe('applyRules', () => {
  it('says of a UTF-16 log what was installed, how it ended, where it first failed, and why, by its own line numbers', () => {
    const bytes = utf16(serviceScriptFailed)
    const { files, schema } = diagnoseWith([script], [{ path: 'KB952580.log', bytes }])
    expect(schema).toBe('exroll.diagnosis/1')
    expect(files).toMatchObject([
      {
        path: 'KB952580.log',
        kind: 'msi',
        encoding: 'utf-16le',
        bytes: bytes.length,
        lines: serviceScriptFailed.length,
      },
    ])
    const at = (text: string): number => serviceScriptFailed.findIndex(line => line.includes(text)) + 1
    expect(files[0]?.attempts).toEqual([
      {
        outcome: 'failed',
        exitCode: 1603,
        product: 'Microsoft Exchange Server',
        update: 'Update Rollup 4 for Exchange Server 2007 Service Pack 1 (KB952580) 8.1.311.3',
        kb: 'KB952580',
        firstFailure: {
          line: at('CA_SAVEDATA_STOP_SERVICES. Return value 3'),
          action: 'CA_SAVEDATA_STOP_SERVICES',
          returnValue: 3,
        },
        causes: [
          {
            id: 'script',
            confidence: 'likely',
            title: 'The script failed',
            evidence: [
              {
                line: at('Command line returned'),
                text: 'CAQuietExec:  Error 0x80070001: Command line returned an error.',
              },
            ],
            remedy: ['Look into ServiceControl.log.'],
          },
        ],
        redHerrings: [{ id: 'message-property', lines: [at('msgRequiresProc')] }],
      },
    ])
  })

  it('shows no rule the texts that a package could show and did not', () => {
    const log = utf16(serviceScriptFailed)
    const ids = diagnoseWith([wrongProcessor], [{ path: 'a.log', bytes: log }]).files[0]?.attempts[0]?.causes.map(
      ({ id }) => id,
    )
    expect(ids).toEqual(['unknown'])
    const said = utf16(
      serviceScriptFailed.map(line =>
        line.replace(
          'Property(S): msgRequiresProc = ',
          'MSI (s) (DC:C8) [06:51:06:400]: Product: Microsoft Exchange Server -- ',
        ),
      ),
    )
    expect(
      attemptOf(diagnoseWith([wrongProcessor], [{ path: 'a.log', bytes: said }]).files[0] ?? readOne(said)).causes[0]
        ?.id,
    ).toBe('wrong-processor')
  })

  it('shows no rule the output of an action whose failure the package ignores', () => {
    const ignored = serviceScriptFailed.flatMap(line =>
      line.startsWith('Action ended 6:51:06')
        ? []
        : line.includes('CAQuietExec Failed')
          ? [
              line,
              'CustomAction CA_X returned actual error code 1603 but will be translated to success due to continue marking',
            ]
          : [
              line
                .replace('returning 1603', 'returning 0')
                .replace('status: 1603', 'status: 0')
                .replace('Configuration failed', 'Configuration completed successfully'),
            ],
    )
    const { outcome, causes, redHerrings } = attemptOf(
      diagnoseWith([script], [{ path: 'a.log', bytes: utf16(ignored) }]).files[0] ?? readOne(utf16(ignored)),
    )
    expect({ outcome, causes }).toEqual({ outcome: 'succeeded', causes: [] })
    expect(redHerrings.map(({ id }) => id)).toContain('ignored-action')
  })

  it('lets a later rule see what the earlier ones found, and the logs of the same folder', () => {
    const seen: string[] = []
    const spy: Rule = {
      ...script,
      id: 'spy',
      match: view => {
        seen.push(
          ...view.found.map(({ id }) => id),
          ...view.related('service-control').flatMap(({ path, causes }) => [path, ...causes.map(({ id }) => id)]),
        )
        return undefined
      },
    }
    const stop: Rule = {
      ...script,
      id: 'stop',
      kinds: ['service-control'],
      watch: ['Unable to stop'],
      match: ({ said }) => ({ confidence: 'certain', evidence: evidenceOf(...said('Unable to stop')) }),
    }
    const control = utf8([
      '[06:51:03] * ServiceControl.ps1: 6/2/2009 6:51:03 AM',
      '[06:51:03] Performing service control with options: BeforePatch',
      "[06:51:05] [Error] Unable to stop all services for 'Mailbox'.",
    ])
    diagnoseWith(
      [script, spy, stop],
      [
        { path: 'ex-mbx-01/KB952580.log', bytes: utf16(serviceScriptFailed) },
        { path: 'ex-mbx-01/ServiceControl.log', bytes: control },
        { path: 'ex-mbx-02/ServiceControl.log', bytes: control },
      ],
    )
    expect(seen).toEqual(['script', 'ex-mbx-01/ServiceControl.log', 'stop'])
  })

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), bytes => {
        const { files } = diagnoseWith([script], [{ path: 'x', bytes }])
        expect(files).toHaveLength(1)
        expect(files[0]?.bytes).toBe(bytes.length)
      }),
    )
  })

  it('takes a log cut off anywhere, and never counts more lines than it has', () => {
    const whole = utf16(serviceScriptFailed)
    fc.assert(
      fc.property(fc.nat(whole.length), at => {
        const file = diagnoseWith([script], [{ path: 'x', bytes: whole.subarray(0, at) }]).files[0]
        const named = file?.attempts.flatMap(({ causes, firstFailure }) => [
          ...causes.flatMap(({ evidence }) => evidence.map(({ line }) => line)),
          firstFailure?.line ?? 1,
        ])
        for (const line of named ?? []) expect(line).toBeLessThanOrEqual(file?.lines ?? 0)
      }),
    )
  })

  it('keeps the last attempts of a log that has more than anybody could look at', () => {
    const log = Array.from({ length: 500 }, (_, i) => [
      frame[0] ?? '',
      `MSI (s) (DC:C8) [06:51:07:002]: MainEngineThread is returning ${i === 499 ? 1618 : 0}`,
    ]).flat()
    const { attempts } = diagnoseWith([], [{ path: 'a.log', bytes: utf16(log) }]).files[0] ?? { attempts: [] }
    expect(attempts.length).toBeLessThanOrEqual(50)
    expect(attempts.at(-1)).toMatchObject({ exitCode: 1618 })
  })
})
