import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { endedWith, said, stated } from '../stated.js'

const lateDelete = 'Unable to delete the file. LastError = 32'
const deleting = 'Attempting to delete file'
const refusals = ['Credential prompt required', 'Non-assigned apps are disabled for non-admin users']
const statements = [
  'You do not have sufficient privileges to complete this installation for all users of the machine.',
  'You must be an Administrator to remove this application.',
  'The requested operation requires elevation',
  'Error 1925.',
  'Note: 1: 1925',
]

/** Article, "Return Value 3", case 2; Windows Installer 1925 and 1730 (exchange.md 6.1); 1625 with a prompt (msi-log-format.md, "Codes"). */
export const notElevated: Rule = {
  id: 'not-elevated',
  title: 'The installation did not run elevated: User Account Control took the administrator rights away',
  about:
    'On Windows 2008 and later a rollup has to be started from an elevated prompt. Without, it ends with 1603 and no failing action, ' +
    'and a temporary .msp cannot be deleted (LastError = 32). That line alone is weak: it shows in clean-up after other failures too.',
  kinds: ['msi', 'events', 'unknown'],
  watch: [lateDelete, deleting, ...refusals, ...statements],
  match(view) {
    const match = stated(view, statements) ?? promptedFor(view) ?? temporaryPatchInUse(view)
    if (match === undefined || view.context.elevated === undefined) return match
    return view.context.elevated ? undefined : { ...match, confidence: 'certain' }
  },
  remedy: [
    'Right-click Command Prompt, choose "Run as administrator".',
    'Install again from there: msiexec /update PACKAGE.msp /lxv* C:\\rollup.log',
    'If it fails again, read that log: exroll diagnose C:\\rollup.log',
  ],
}

/** 1625 is said to be a policy; with a prompt that could not be shown, or of somebody who is no administrator, it is a missing elevation. */
function promptedFor(view: AttemptView): RuleMatch | undefined {
  const asked = said(view, refusals)
  if (asked.length === 0 || !endedWith(view, [1625])) return undefined
  return { confidence: 'certain', evidence: evidenceOf(...asked, { lines: view.attempt.failureEvidence }) }
}

/** The article's chain: no action failed, the update came to 1603, and the user's own copy of the .msp was in use. */
function temporaryPatchInUse(view: AttemptView): RuleMatch | undefined {
  const { attempt, found } = view
  if (attempt.outcome !== 'failed' || attempt.firstFailure !== undefined || found.length > 0) return undefined
  if (attempt.exitCode !== null && attempt.exitCode !== 1603) return undefined
  const refused = said(view, [lateDelete])[0]
  if (refused === undefined) return undefined
  const named = said(view, [deleting]).findLast(({ line }) => line <= refused.line)
  if (named === undefined || !/\\Temp\\.*\.msp/i.test(named.text) || refused.line - named.line > 6) return undefined
  return { confidence: 'possible', evidence: evidenceOf({ lines: attempt.failureEvidence }, named, refused) }
}
