import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'The installer has insufficient privileges to',
  'Access to the path is denied',
  'Access is denied',
  'Verify that you have sufficient access to that key',
  'Verify that you have access to that directory',
  'System error 5.',
  'Error 1303.',
  'Error 1304.',
  'Error 1310.',
  'Error 1321.',
  'Error 1402.',
  'Error 1406.',
  'Error 1926.',
  // The numbers stay when the messages are in another language.
  'Note: 1: 1303',
  'Note: 1: 1304',
  'Note: 1: 1310',
  'Note: 1: 1321',
  'Note: 1: 1406',
  'Note: 1: 1926',
  '0x80070005',
]

/** Setup only warns of it, and stops (Microsoft Learn, "Error message when upgrading cumulative updates": the value CustomSD). */
const eventLog = "Cannot open log for source 'MSExchangeSetup'"

/** Windows Installer 1303, 1310, 1321, 1402, 1406, 1926; Win32 5 (exchange.md 6.1, PRIV-1303, and 6.3). */
export const accessDenied: Rule = {
  id: 'access-denied',
  title: 'The installation may not write to a folder, a file or a registry key',
  about:
    'Inheritance was turned off, SYSTEM or Administrators lack full control, a file is in use, or the installation is not elevated. ' +
    'The line names the place.',
  kinds: ['msi', 'events', 'exchange-setup', 'update-cas', 'unknown'],
  watch: [...watch, eventLog],
  match(view) {
    if (view.found.some(({ id }) => id === 'permissions')) return undefined
    return stated(view, watch, [5]) ?? closedEventLog(view)
  },
  remedy: [
    'On the place that the line names, give SYSTEM and Administrators full control, and turn inheritance on again: icacls "PATH" /inheritance:e /grant SYSTEM:(OI)(CI)F Administrators:(OI)(CI)F',
    'End what may hold the file: antivirus, backup, open consoles.',
    'Install again from an elevated prompt.',
  ],
}

function closedEventLog(view: AttemptView): RuleMatch | undefined {
  const [first] = view.said(eventLog)
  const { kind, outcome, firstFailure, failureEvidence } = view.attempt
  if (first === undefined || kind !== 'exchange-setup' || outcome !== 'failed' || firstFailure !== undefined)
    return undefined
  return {
    confidence: 'likely',
    title: 'Setup may not write to the Application event log, and stopped at it',
    evidence: evidenceOf(first, { lines: failureEvidence }),
    remedy: [
      'Look for the value CustomSD: reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application /v CustomSD. A policy or a hardening guide sets it.',
      'Keep its content, remove it or let it grant Administrators and SYSTEM full access, restart the server.',
      'Start Setup again from an elevated prompt.',
    ],
  }
}
