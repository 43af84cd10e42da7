import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'pending reboot from a previous installation',
  'restart from a previous installation',
  'reboot from a previous installation is pending',
]

/** exchange.md 6.3 (PendingRebootWindowsComponents, RebootPending); 3010 and 1641: installed, a restart owed. */
export const rebootPending: Rule = {
  id: 'reboot-pending',
  title: 'The server has to be restarted first: an earlier installation is not finished',
  about:
    'Files of an earlier installation are replaced only at the next start of Windows, and Setup refuses before that. After an update ' +
    'exit code 3010 says the same of this one: it is on, and a restart is owed.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match: view => stated(view, watch) ?? owed(view),
  remedy: ['Restart the server.', 'Run the installation again.'],
}

function owed({ attempt, context }: AttemptView): RuleMatch | undefined {
  if (attempt.outcome !== 'succeeded' || attempt.exitCode !== 3010 || context.restartedSince === true) return undefined
  return {
    confidence: 'certain',
    title: 'the update is on, and a restart of the server is owed (3010)',
    evidence: evidenceOf({ lines: attempt.outcomeLines }),
    remedy: [
      'Restart the server before Exchange goes back to work. With exroll: install.reboot: if-needed in the playbook.',
    ],
  }
}
