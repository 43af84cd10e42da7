import type { Sighting } from './attempt.js'
import { analysisFailed } from './exchange-setup.js'
import type { Confidence, Evidence } from './finding.js'
import { type AttemptView, evidenceOf, type RuleMatch } from './rule.js'

/** Lines above the first failure in which words are taken to lead to it, and below it, where the same fault is told again. */
const reachAbove = 300
const reachBelow = 80

/** Records of one cause that are shown; the same fault is often told five times. */
const shown = 3

/** Records that say any of the phrases, in the file's order; of ExchangeSetup.log only those that Setup reports as errors. */
export function said(view: AttemptView, phrases: readonly string[]): Sighting[] {
  const { kind } = view.attempt
  const all = phrases.flatMap(phrase => view.said(phrase))
  const reported = kind === 'exchange-setup' ? all.filter(isReported) : all
  // The outcome of a script is told again in a line of its own, if that was copied too.
  const counted = reported.length > 0 ? reported : all.filter(isOutcome)
  // All events of a log may be on one line; in any other log a line is one record, however many of the phrases it has.
  const found = new Map(
    counted.map(sighting => [`${sighting.line}${kind === 'events' ? sighting.tail : ''}`, sighting] as const),
  )
  return [...found.values()].sort((a, b) => a.line - b.line)
}

/** Setup writes the text of each script before it runs it, and into the error when it failed: words in there are nobody's report. */
function isReported({ text }: Sighting): boolean {
  if (/\[WARNING\]|The following error was generated when/.test(text)) return false
  if (analysisFailed.test(text)) return true
  return /\[ERROR\]|\[REQUIRED\]|ErrorRecord:|Failed \[Rule:|^(?:Active directory response: |at Microsoft\.Exchange\.)/.test(
    text,
  )
}

/** Whether the words stand behind the script, in what came of it. */
function isOutcome({ text, tail }: Sighting): boolean {
  const outcome = 'was run: "'
  return !text.includes('[WARNING]') && text.includes(outcome) && !tail.includes(outcome)
}

/** Words of the checks that Setup makes first: in its log, and on the console. */
export const checkWatch = ['[REQUIRED]', 'Prerequisite Analysis']

/** What those checks found missing, each with its words alone in `tail`. */
export function required(view: AttemptView): Sighting[] {
  return checkWatch
    .flatMap(phrase => view.said(phrase))
    .filter(({ text }) => text.includes('[REQUIRED]') || analysisFailed.test(text))
    .map(found => ({
      ...found,
      tail: found.tail
        .replace(/^(?:\[REQUIRED\]|Prerequisite Analysis[ .]+FAILED) */, '')
        .replace(/ For more information, visit: .*/, ''),
    }))
}

/** A failure that a log states in so many words, or by an exit code that means nothing else. */
export function stated(
  view: AttemptView,
  phrases: readonly string[],
  codes: readonly number[] = [],
): RuleMatch | undefined {
  const { attempt } = view
  if (attempt.outcome === 'succeeded') return undefined
  const sightings = said(view, phrases)
  if (sightings.length === 0) {
    return endedWith(view, codes) ? { confidence: 'likely', evidence: attempt.failureEvidence } : undefined
  }
  return { confidence: sureness(view, sightings), evidence: proof(view, sightings) }
}

/** Codes of Windows Installer; smaller ones are Windows' own only in its logs, elsewhere any program's. */
const installerCodes = 1600

export function endedWith({ attempt }: AttemptView, codes: readonly number[]): boolean {
  const { outcome, exitCode, kind } = attempt
  if (outcome !== 'failed' || exitCode === null || !codes.includes(exitCode)) return false
  return exitCode >= installerCodes || kind === 'msi'
}

/**
 * Certain is only what leads to the failure of a whole log; words without a failure after them, or far from it, and text that
 * somebody copied out, are likely.
 */
export function sureness(view: AttemptView, sightings: readonly Sighting[]): Confidence {
  const { kind, outcome } = view.attempt
  if (kind === 'unknown' || outcome !== 'failed') return 'likely'
  return sightings.some(sighting => leadsToFailure(view, sighting)) ? 'certain' : 'likely'
}

export function leadsToFailure({ attempt }: AttemptView, { line }: { line: number }): boolean {
  const { firstFailure } = attempt
  if (firstFailure === undefined) return true
  return line > firstFailure.line - reachAbove && line < firstFailure.line + reachBelow
}

/** The first of the records, each saying once, with the lines that show the failure. */
export function proof({ attempt }: AttemptView, sightings: readonly Sighting[]): Evidence[] {
  const told = new Set<string>()
  const different = sightings.filter(({ tail }) => !told.has(tail) && told.add(tail))
  return evidenceOf(...different.slice(0, shown), { lines: attempt.failureEvidence })
}
