import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { said } from '../stated.js'

const shutdown = [
  'was unexpected.',
  'has initiated the restart of computer',
  'has initiated the power off of computer',
  'The system has rebooted without cleanly shutting down',
]

/** A restart or an end of the installer half way (faults.md, reboot-mid-install; exchange.md 6.2, NOEND). */
export const interrupted: Rule = {
  id: 'interrupted',
  title: 'The installation was interrupted half way: old and new files are mixed',
  about:
    'The server restarted, or the installer was ended, before it could finish or roll back. The log just ends. Exchange must not be ' +
    'started on mixed files: the update has to be installed again first.',
  kinds: ['msi', 'events'],
  watch: shutdown,
  match: view => (view.attempt.kind === 'msi' ? cutOff(view) : restarted(view)),
  remedy: [
    'Leave the Exchange services stopped.',
    'Put disabled start types back, WinMgmt first: exroll restore -i INVENTORY',
    'Install the same update again: it takes up the unfinished one. With exroll: exroll resume --retry-failed',
  ],
}

function cutOff(view: AttemptView): RuleMatch | undefined {
  const { attempt, context } = view
  if (attempt.outcome !== 'incomplete') return undefined
  const certain = context.rebooted === true
  const gone = context.running === false && context.stalled !== true
  if (!certain && !gone && !attempt.followed) return undefined
  const { lastAction } = attempt
  return {
    confidence: certain ? 'certain' : gone ? 'likely' : 'possible',
    ...(certain
      ? {
          title: `The server restarted during the installation${lastAction === undefined ? '' : `, in ${lastAction.name}`}: old and new files are mixed`,
        }
      : {}),
    evidence: evidenceOf(lastAction, { lines: attempt.failureEvidence }),
  }
}

function restarted(view: AttemptView): RuleMatch | undefined {
  const events = said(view, shutdown).filter(({ text }) => /shutdown|restart|power|reboot/i.test(text))
  if (events.length === 0 || view.attempt.outcome === 'succeeded') return undefined
  return {
    confidence: view.context.rebooted === true ? 'certain' : 'possible',
    title: 'The server restarted at that time',
    evidence: evidenceOf(...events.slice(0, 2)),
  }
}
