import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { said } from '../stated.js'

const stopping = "Stopping service '"

/** exchange.md 6.1, SILENT-UI, and 6.2, NOEND. */
export const stalled: Rule = {
  id: 'stalled',
  title: 'The installation stopped going on, without an end',
  about:
    'The log ends in the middle: no "MainEngineThread is returning". Either the installer still hangs (a hidden dialog, a service that ' +
    'does not stop), or it was ended. Only a look at the server tells which.',
  kinds: ['msi', 'service-control'],
  watch: [stopping],
  match: view => (view.attempt.kind === 'msi' ? noEnd(view) : stuckStop(view)),
  remedy: [
    'See whether it still runs: tasklist /svc /fi "imagename eq msiexec.exe", and whether the log still grows.',
    'Read the end of C:\\ExchangeSetupLogs\\ServiceControl.log: a last line "Stopping service \'X\'." means that X does not stop. End that one: taskkill /f /fi "services eq X"',
    'If msiexec was started without /quiet from a task or a remote session, it waits for a dialog nobody can see: end that msiexec, and install with /quiet /norestart.',
    'Afterwards put start types and services back: exroll restore -i INVENTORY',
  ],
}

function noEnd(view: AttemptView): RuleMatch | undefined {
  const { attempt, context } = view
  if (context.stalled !== true || attempt.outcome !== 'incomplete') return undefined
  if (view.found.some(({ id, confidence }) => id === 'crl-check' && confidence !== 'possible')) return undefined
  const { lastAction } = attempt
  return {
    confidence: 'certain',
    ...(lastAction === undefined
      ? {}
      : { title: `The installation stopped going on in ${lastAction.description || lastAction.name}` }),
    evidence: evidenceOf(lastAction, { lines: attempt.failureEvidence }),
  }
}

function stuckStop(view: AttemptView): RuleMatch | undefined {
  const { attempt, context } = view
  const last = said(view, [stopping]).at(-1)
  if (
    attempt.outcome !== 'incomplete' ||
    attempt.followed ||
    last === undefined ||
    attempt.lastAction?.line !== last.line
  )
    return undefined
  const name = /Stopping service '([^']+)'/.exec(last.text)?.[1]
  return {
    confidence: context.stalled === true ? 'likely' : 'possible',
    ...(name === undefined
      ? {}
      : { title: `The log ends while the service ${name} is being stopped: it does not stop, or the log was cut off` }),
    evidence: evidenceOf(last),
  }
}
