import type { Attempt, Cause, Confidence, DiagnosedFile, Diagnosis, LogKind } from './finding.js'

const confidences: readonly Confidence[] = ['certain', 'likely', 'possible']

/** Lines above the first failure in which a cause is taken to lead to it. */
const reach = 200

/**
 * Causes of one attempt, the best first: the surest, then those that lead to the first failure, then those stated elsewhere, then
 * the order of the rules. `unknown` is last.
 */
export function orderCauses(causes: readonly Cause[], firstFailure: { line: number } | undefined): Cause[] {
  const leads = ({ evidence }: Cause): number =>
    firstFailure !== undefined &&
    evidence.some(({ line }) => line <= firstFailure.line && line > firstFailure.line - reach)
      ? 0
      : 1
  return [...causes].sort((a, b) => weight(a) - weight(b) || leads(a) - leads(b))
}

function weight({ id, confidence }: Cause): number {
  return id === 'unknown' ? confidences.length : confidences.indexOf(confidence)
}

export interface RankedCause {
  /** Path of the log that shows it. */
  log: string
  cause: Cause
}

/** Of two logs that are equally sure, the installer's own goes first. */
const kinds: readonly LogKind[] = ['msi', 'service-control', 'exchange-setup', 'update-cas', 'events', 'unknown']

/**
 * The causes of one server's logs, the best first and each once. Logs that only grow hold earlier attempts too: the last one of each
 * file counts. What a failed attempt shows goes before what is worth knowing of one that went well; `unknown` is dropped when a
 * failure is explained.
 */
export function rankCauses(diagnosis: Diagnosis): RankedCause[] {
  const all = diagnosis.files
    .flatMap(file => lastAttempt(file).map(attempt => ({ file, attempt })))
    .flatMap(({ file, attempt }) =>
      attempt.causes.map(cause => ({ file, cause, wentWell: attempt.outcome === 'succeeded' })),
    )
  const explained = all.some(({ cause, wentWell }) => cause.id !== 'unknown' && !wentWell)
  const sorted = all
    .filter(({ cause }) => cause.id !== 'unknown' || !explained)
    .sort(
      (a, b) =>
        Number(a.wentWell) - Number(b.wentWell) ||
        weight(a.cause) - weight(b.cause) ||
        kinds.indexOf(a.file.kind) - kinds.indexOf(b.file.kind),
    )
  const seen = new Set<string>()
  return sorted
    .filter(({ cause }) => !seen.has(cause.id) && seen.add(cause.id))
    .map(({ file, cause }) => ({ log: file.path, cause }))
}

function lastAttempt({ attempts }: DiagnosedFile): Attempt[] {
  return attempts.slice(-1)
}
