import type { Cause } from './finding.js'
import { type AttemptView, evidenceOf, type RuleMatch } from './rule.js'

/** Actions of a rollup that run Exchange's own scripts (article, "Return Value 3", case 1; exchange.md 2.4). */
const scriptAction = /SERVICE|PatchShared|CAQuietExec|QuietExec/i

/** The installation failed in an action that runs ServiceControl.ps1. */
export function failedInScript({ attempt }: AttemptView): boolean {
  return attempt.outcome === 'failed' && scriptAction.test(attempt.firstFailure?.action ?? '')
}

/**
 * What the script's own log says of the same time, when it is at hand: the installer only knows that the script returned an error,
 * so the last error of ServiceControl.log is the cause.
 */
export function causeInScript(view: AttemptView, id: string): RuleMatch | undefined {
  if (view.attempt.kind !== 'msi' || !failedInScript(view)) return undefined
  for (const { path, causes } of view.related('service-control')) {
    const cause = causes.find(found => found.id === id)
    if (cause !== undefined) return adopt(view, path, cause)
  }
  return undefined
}

function adopt(view: AttemptView, path: string, { confidence, title, evidence, remedy, fix }: Cause): RuleMatch {
  const last = evidence.at(-1)
  return {
    confidence,
    title: last === undefined ? title : `${title} (${path}, line ${last.line})`,
    evidence: evidenceOf({ lines: view.attempt.failureEvidence }),
    remedy,
    ...(fix === undefined ? {} : { fix }),
  }
}
