import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { checkWatch, required } from '../stated.js'

const message = 'Product:'

/** ExchangeSetup.log, lines marked [REQUIRED] (msi-log-format.md), and launch conditions of a package: checks, told in plain words. */
export const prerequisite: Rule = {
  id: 'prerequisite',
  title: 'Setup refuses: something that it needs is missing on the server',
  about:
    'Before it changes anything Setup checks the server, and writes what is missing as [REQUIRED], on the console below "Prerequisite Analysis FAILED": a Windows feature, .NET, UCMA, a ' +
    'Visual C++ runtime, URL Rewrite, a service.',
  kinds: ['exchange-setup', 'msi'],
  watch: [...checkWatch, message],
  match(view) {
    if (view.attempt.kind === 'msi') return launchCondition(view)
    const found = required(view)
    const [first] = found
    if (first === undefined || view.found.length > 0 || view.attempt.outcome !== 'failed') return undefined
    return { confidence: 'certain', evidence: evidenceOf(...found.slice(0, 4)), ...told(first.tail, view) }
  },
  remedy: ['Do what each of these lines asks for.', 'Run Setup again.'],
}

/** A package checks its conditions in an action of its own, and says what is missing in its own words. */
function launchCondition(view: AttemptView): RuleMatch | undefined {
  const { firstFailure, failureEvidence, outcome } = view.attempt
  if (firstFailure?.action !== 'LaunchConditions' || outcome !== 'failed' || view.found.length > 0) return undefined
  const spoken = view.said(message).findLast(({ line }) => line <= firstFailure.line && firstFailure.line - line < 20)
  const words = / -- (.{8,200})/.exec(spoken?.text ?? '')?.[1]
  return {
    confidence: words === undefined ? 'possible' : 'certain',
    title: `The package refuses: ${words ?? 'a condition for its installation is not met'}`,
    evidence: evidenceOf(spoken, { lines: failureEvidence }),
    remedy: ['Do what the message asks for.', 'Install again.'],
  }
}

function told(tail: string, { attempt }: AttemptView): Pick<RuleMatch, 'title'> {
  const words = /^(.{8,220}?)(?:\.(?: |$)|$)/.exec(tail)?.[1]
  return words === undefined || attempt.kind !== 'exchange-setup' ? {} : { title: `Setup refuses: ${words}` }
}
