import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.js'
import { knowledge } from '../../src/products/knowledge.js'
import { utf8, utf16 } from './log-bytes.js'

const frame =
  '=== Verbose logging started: 25/02/2026  16:40:52  Build type: SHIP UNICODE 5.00.10011.00  Calling process: C:\\Windows\\System32\\msiexec.exe ==='
const client = (text: string): string => `MSI (c) (6C:A4) [16:40:52:392]: ${text}`
const server = (text: string): string => `MSI (s) (94:10) [16:40:53:392]: ${text}`
const ended = (action: string, value: number): string => `Action ended 16:40:54: ${action}. Return value ${value}.`

interface Expected {
  outcome: 'failed' | 'succeeded'
  exitCode: number | null
  /** Line and action. */
  first?: [number, string]
  cause?: string
}

/** Not only Exchange's: what a log says is the same for every package (msi-log-format.md). */
const logs: [what: string, lines: string[], expected: Expected][] = [
  [
    'the removal of an older version, whose own package is gone',
    [
      frame,
      'Action start 16:40:53: RemoveExistingProducts.',
      server("Warning: Local cached package 'C:\\Windows\\Installer\\a1b2c.msi' is missing."),
      server('SOURCEMGMT: Looking for sourcelist for product {11111111-2222-3333-4444-555555555555}'),
      server('Note: 1: 1706 2: -2147483647 3: contoso.msi'),
      server('MainEngineThread is returning 1612'),
      'CustomAction  returned actual error code 1612 (note this may not be 100% accurate if translation happened inside sandbox)',
      'Error 1714. The older version of Contoso Mail cannot be removed.  Contact your technical support group. System Error 1612.',
      ended('RemoveExistingProducts', 3),
      ended('INSTALL', 3),
      server('MainEngineThread is returning 1603'),
    ],
    { outcome: 'failed', exitCode: 1603, first: [9, 'RemoveExistingProducts'], cause: 'missing-cached-package' },
  ],
  [
    'a failure inside a nested installation: the leaf, not what it is nested in',
    [
      frame,
      'Action start 16:40:53: RemoveExistingProducts.',
      server('******* RunEngine:'),
      '           ******* Product: {11111111-2222-3333-4444-555555555555}',
      'Action start 16:40:53: CA_Remove.',
      'Error 1721. There is a problem with this Windows Installer package. A program required for this install to complete could not be run.',
      ended('CA_Remove', 3),
      ended('INSTALL', 3),
      server('MainEngineThread is returning 1603'),
      'CustomAction  returned actual error code 1603 (note this may not be 100% accurate if translation happened inside sandbox)',
      ended('RemoveExistingProducts', 3),
      ended('INSTALL', 3),
      server('MainEngineThread is returning 1603'),
    ],
    { outcome: 'failed', exitCode: 1603, first: [7, 'CA_Remove'], cause: 'custom-action' },
  ],
  [
    '1625 that was no policy: a prompt for credentials that nobody could see',
    [
      frame,
      client('MSI_LUA: Credential prompt required, user is not an admin'),
      client('MainEngineThread is returning 1625'),
    ],
    { outcome: 'failed', exitCode: 1625, cause: 'not-elevated' },
  ],
  [
    '1618 and no word about it',
    [frame, client('Failed to grab execution mutex. System error 258.'), client('MainEngineThread is returning 1618')],
    { outcome: 'failed', exitCode: 1618, cause: 'installer-busy' },
  ],
  [
    'a package that is not where the command line says: a code of Windows',
    [frame, client('Note: 1: 2203 2: D:\\nope\\x.msi 3: -2147287037'), client('MainEngineThread is returning 3')],
    { outcome: 'failed', exitCode: 3, cause: 'source-unavailable' },
  ],
  [
    'a dialog that somebody closed',
    [frame, ended('FirstRunDialog', 2), ended('INSTALL', 2), client('MainEngineThread is returning 1602')],
    { outcome: 'failed', exitCode: 1602, first: [2, 'FirstRunDialog'], cause: 'user-cancelled' },
  ],
  [
    'a part that somebody pasted under the event it was about, without prefixes',
    [
      "Event ID 1023 Product: Microsoft Exchange Server - Update 'Update Rollup 32' could not be installed. Error code 1603.",
      "Couldn't find local patch 'C:\\Windows\\Installer\\1a2b3c.msp'. Looking for it at its source.",
      'SOURCEMGMT: Looking for sourcelist for product {A93DA06F-A5B8-4DF8-8B3F-B285E014C659}',
      'Note: 1: 1706 2: -2147483647 3: Exchange2010-KB2961522-x64-en.msp',
      'Could not find source for missing patch {A93DA06F-A5B8-4DF8-8B3F-B285E014C659} -- orphaning this patch',
    ],
    { outcome: 'failed', exitCode: 1603, cause: 'missing-cached-patch' },
  ],
  [
    'an action whose result line names the cause of a failed sequence, in Chinese',
    [
      frame,
      'System.UnauthorizedAccessException: Access to the path is denied.',
      'CustomAction WriteConfig returned actual error code 1603 (note this may not be 100% accurate if translation happened inside sandbox)',
      '\u64cd\u4f5c\u7ed3\u675f 23:49:51: InstallFinalize\u3002\u8fd4\u56de\u503c 3\u3002',
      server('MainEngineThread is returning 1603'),
    ],
    { outcome: 'failed', exitCode: 1603, first: [4, 'WriteConfig'], cause: 'access-denied' },
  ],
  [
    'a temporary file in use after a failure that the log does not show, in French',
    [
      client('Produit : Contoso -- L\u2019installation a \u00e9chou\u00e9.'),
      client('Attempting to delete file C:\\Users\\a\\AppData\\Local\\Temp\\1f.msi'),
      client('Unable to delete the file. LastError = 32'),
      client('MainEngineThread is returning 1603'),
    ],
    { outcome: 'failed', exitCode: 1603, cause: 'unknown' },
  ],
  [
    'a log that is not verbose',
    [
      '=== Logging started: 7/7/2026  4:25:27 ===',
      'Action start 4:25:27: INSTALL.',
      'Action ended 4:25:29: CA_Y. Return value 3.',
      '=== Logging stopped: 7/7/2026  4:25:30 ===',
      'MSI (c) (AA:BB) [04:25:30:100]: Product: Contoso Mail -- Installation failed.',
    ],
    { outcome: 'failed', exitCode: null, first: [3, 'CA_Y'], cause: 'unknown' },
  ],
  [
    'a condition of the package',
    [
      frame,
      server('Product: Contoso Mail -- This setup requires the .NET Framework 4.8.'),
      ended('LaunchConditions', 3),
      server('MainEngineThread is returning 1603'),
    ],
    { outcome: 'failed', exitCode: 1603, first: [3, 'LaunchConditions'], cause: 'prerequisite' },
  ],
  [
    'a success, with an action that was let fail',
    [
      frame,
      'CAQuietExec:  Error 0x80070001: CAQuietExec Failed',
      'CustomAction A returned actual error code 1603 but will be translated to success due to continue marking',
      ended('INSTALL', 1),
      server('MainEngineThread is returning 0'),
    ],
    { outcome: 'succeeded', exitCode: 0 },
  ],
]

describe('the log of any package', () => {
  it.each(logs)('%s', (_, lines, { outcome, exitCode, first, cause }) => {
    for (const bytes of [utf8(lines), utf16(lines)]) {
      const { attempts } = diagnose([{ path: 'a.log', bytes }], { knowledge, context: {} }).files[0] ?? { attempts: [] }
      expect(attempts).toHaveLength(1)
      const [attempt] = attempts
      expect({ outcome: attempt?.outcome, exitCode: attempt?.exitCode, cause: attempt?.causes[0]?.id }).toEqual({
        outcome,
        exitCode,
        cause,
      })
      expect(attempt?.firstFailure && [attempt.firstFailure.line, attempt.firstFailure.action]).toEqual(first)
    }
  })
})
