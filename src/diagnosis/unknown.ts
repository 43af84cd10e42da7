import type { AttemptFacts } from './attempt.js'
import { codeMeaning, returnValueMeaning } from './codes.js'
import type { Cause, Evidence, LogKind } from './finding.js'

/** What is told of the id `unknown` by `--explain`. */
export const unknownId = 'unknown'
export const aboutUnknown =
  'The log shows that something failed, and no rule knows the cause. What is known is said: the action that failed, its code and what ' +
  'the code means, the lines around it, and which file to read next.'

export interface UnknownInput {
  attempt: AttemptFacts
  /** The last lines of the log, for a failure that left no line of its own. */
  lastLines: readonly Evidence[]
  /** Other logs of the same server that were given too. */
  others: readonly LogKind[]
}

/** A failure that no rule knows: the failing action, its code in words, the lines around, and what to fetch or do next. */
export function unknownCause({ attempt, lastLines, others }: UnknownInput): Cause {
  const known = attempt.context.length > 0 ? attempt.context : attempt.failureEvidence
  const evidence = known.length > 0 ? known : lastLines
  return {
    id: unknownId,
    confidence: 'possible',
    title: titleOf(attempt),
    evidence: merge(attempt.failureEvidence, evidence),
    remedy: nextSteps(attempt, others),
  }
}

function titleOf({ kind, firstFailure, exitCode, failureEvidence, context }: AttemptFacts): string {
  const code = exitCode === null ? '' : `exit code ${exitCode}, ${codeMeaning(exitCode)}`
  if (firstFailure === undefined)
    return code === '' ? 'This log does not say where it failed' : `${code}; this log does not say where`
  const { action, returnValue } = firstFailure
  const value = kind === 'msi' ? ` with return value ${returnValue}, ${returnValueMeaning(returnValue)}` : ''
  return `${action} failed${value}${code === '' ? '' : `; ${code}`}${kind === 'exchange-setup' ? sentenceOf([...failureEvidence, ...context]) : ''}`
}

/** What Setup itself said of its first error. */
function sentenceOf(lines: readonly Evidence[]): string {
  for (const { text } of lines) {
    const words = /(?:\[(?:ERROR|REQUIRED)\]|ErrorRecord:) *(.{8,160}?)(?:\.(?: |$)|$)/.exec(text)?.[1]
    if (words !== undefined && !words.includes('was generated when')) return `: ${words}`
  }
  for (const { text } of lines) {
    const words = /was run: "(?:[\w.]+: )?(.{8,160}?)(?:\.(?:[ "]|$)|$)/.exec(text)?.[1]
    if (words !== undefined) return `: ${words}`
  }
  return ''
}

function merge(...lists: readonly (readonly Evidence[])[]): Evidence[] {
  const byLine = new Map(lists.flat().map(entry => [entry.line, entry]))
  return [...byLine.values()].sort((a, b) => a.line - b.line)
}

/** The file that holds what this one lacks, and how to get it. Paths: exchange.md 0.5, 3.3, 6.2, and the article, "Verbose MSI Logging". */
function nextSteps(attempt: AttemptFacts, others: readonly LogKind[]): string[] {
  const steps = fetchSteps(attempt, others)
  const what = attempt.kind === 'msi' ? 'the failing action and the lines above it' : 'the lines above'
  return [...steps, `Search for ${what}: no rule of exroll knows this failure.`]
}

function fetchSteps(attempt: AttemptFacts, others: readonly LogKind[]): string[] {
  const verbose = attempt.seen.size > 0 && attempt.firstFailure !== undefined
  const scripts = /STOP_SERVICES|START_SERVICES|SERVICE|CAQuietExec|PatchSharedUpdate/i.test(
    attempt.firstFailure?.action ?? '',
  )
  switch (attempt.kind) {
    case 'msi':
      if (scripts && !others.includes('service-control')) {
        return [
          'Fetch C:\\ExchangeSetupLogs\\ServiceControl.log of the same time: the action runs a script, and its error stands there.',
        ]
      }
      return verbose ? [] : [fetchVerbose]
    case 'events':
      return others.includes('msi')
        ? ['Read what was found in the Windows Installer log: an event has the outcome only.']
        : [fetchVerbose]
    case 'exchange-setup':
      if (attempt.firstFailure === undefined || others.includes('msi') || !namesPackage(attempt)) return []
      return [
        "Fetch the package's own log from C:\\ExchangeSetupLogs (*.msilog): Setup reports only that the package failed.",
        'Meanwhile look whether cached files are missing from C:\\Windows\\Installer, the most frequent reason: exroll facts -i INVENTORY',
      ]
    case 'service-control':
      return others.includes('events')
        ? []
        : ['Fetch the System event log of the same time: the Service Control Manager says why a service failed.']
    case 'update-cas':
    case 'unknown':
      return []
  }
}

const fetchVerbose =
  'Fetch the verbose Windows Installer log. If there is none, install again from an elevated prompt with it on: ' +
  'msiexec /update PACKAGE.msp /lxv* C:\\rollup.log'

function namesPackage({ failureEvidence }: AttemptFacts): boolean {
  return failureEvidence.some(({ text }) => /\.msi\b|MSI package|product with code|Error code is \d{4}/i.test(text))
}
