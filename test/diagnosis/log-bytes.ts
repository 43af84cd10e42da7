import { applyRules, type LogFile } from '../../src/diagnosis/apply-rules.js'
import type { Attempt, DiagnosedFile, Diagnosis } from '../../src/diagnosis/finding.js'
import type { DiagnosisContext, Rule } from '../../src/diagnosis/rule.js'

/** As msiexec writes: UTF-16LE, byte order mark, CRLF. */
export function utf16(lines: readonly string[]): Uint8Array {
  return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${lines.join('\r\n')}\r\n`, 'utf16le')])
}

export function utf8(lines: readonly string[]): Uint8Array {
  return Buffer.from(`${lines.join('\n')}\n`, 'utf8')
}

export const frame = [
  '=== Verbose logging started: 6/2/2009  6:50:58  Build type: SHIP UNICODE 4.00.6001.00  Calling process: C:\\Windows\\System32\\msiexec.exe ===',
  'MSI (c) (E8:F0) [06:50:58:100]: Resetting cached policy values',
]

/** The article's first case, as a whole log: the script of the patch fails, and with it the action that called it. */
export const serviceScriptFailed = [
  ...frame,
  'MSI (s) (DC:C8) [06:51:00:000]: Original patch ==> C:\\patch\\Exchange2007-KB952580-x64-EN.msp',
  'Action start 6:51:02: CA_SAVEDATA_STOP_SERVICES.',
  "MSI (s) (DC!BC) [06:51:04:902]: PROPERTY CHANGE: Deleting QtExecCmdLine property. Its current value is 'powershell.exe'.",
  'CAQuietExec:  Error 0x80070001: Command line returned an error.',
  'MSI (s) (DC!BC) [06:51:06:355]: Closing MSIHANDLE (4) of type 790531 for thread 4540',
  'CAQuietExec:  Error 0x80070001: CAQuietExec Failed',
  'Action ended 6:51:06: CA_SAVEDATA_STOP_SERVICES. Return value 3.',
  'Action ended 6:51:06: INSTALL. Return value 3.',
  'Property(S): msgRequiresProc = The version of this file is not compatible with the version of Exchange Server 2007.',
  'MSI (s) (DC:C8) [06:51:07:000]: Product: Microsoft Exchange Server -- Configuration failed.',
  'MSI (s) (DC:C8) [06:51:07:001]: Windows Installer installed an update. Product Name: Microsoft Exchange Server. Product Version: 8.1.240.6. Product Language: 1033. Update Name: Update Rollup 4 for Exchange Server 2007 Service Pack 1 (KB952580) 8.1.311.3. Installation success or error status: 1603.',
  'MSI (s) (DC:C8) [06:51:07:002]: MainEngineThread is returning 1603',
  'MSI (c) (E8:F0) [06:51:07:100]: MainEngineThread is returning 1603',
  '=== Verbose logging stopped: 6/2/2009  6:51:07 ===',
]

export const knowledge = { describeKb: () => undefined }

export function diagnoseWith(
  rules: readonly Rule[],
  files: readonly LogFile[],
  context: DiagnosisContext = {},
): Diagnosis {
  return applyRules(files, { knowledge, context, rules })
}

/** The one file of a diagnosis without rules. */
export function readOne(bytes: Uint8Array, path = 'a.log'): DiagnosedFile {
  const [file] = diagnoseWith([], [{ path, bytes }]).files
  if (file === undefined) throw new Error('no file')
  return file
}

export function attemptOf(file: DiagnosedFile): Attempt {
  const [attempt, ...others] = file.attempts
  if (attempt === undefined || others.length > 0) throw new Error(`${file.attempts.length} attempts`)
  return attempt
}
