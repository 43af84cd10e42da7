import type { AttemptFacts, Sighting } from './attempt.js'
import type { Attempt, Diagnosis, LogKind } from './finding.js'
import { orderCauses } from './rank.js'
import { type ReadLog, readLog, type WatchList } from './read-log.js'
import { redHerringRules, redHerringsOf } from './red-herrings.js'
import { folderOf, type Judged, relatedTo } from './related.js'
import type { AttemptView, DiagnosisContext, Knowledge, Rule } from './rule.js'
import { unknownCause } from './unknown.js'

/** One log to read. Files of one folder are taken to be one server's. */
export interface LogFile {
  path: string
  bytes: Uint8Array
}

export interface RuleOptions {
  knowledge: Knowledge
  /** What is known of the server beside its logs; nothing for a log that came by mail. */
  context: DiagnosisContext
  rules: readonly Rule[]
}

/** Logs whose causes another log's rules ask for go first. */
const order: readonly LogKind[] = ['service-control', 'update-cas', 'unknown', 'msi', 'events', 'exchange-setup']

/** A log that was read, with where it came from. */
export interface LogAt {
  path: string
  log: ReadLog
}

/**
 * Log bytes to findings: every installation attempt of every log, its outcome, first failure, causes (the best first), and what was
 * set aside. Takes any bytes and never throws because of them. The answer is a pure function of the arguments.
 */
export function applyRules(files: readonly LogFile[], options: RuleOptions): Diagnosis {
  const watch = watchListOf(options.rules)
  return judgeLogs(
    files.map(({ path, bytes }) => ({ path, log: readLog(bytes, watch) })),
    options,
  )
}

/** What the rules want to see in a log of each kind, for a `LogReader`. */
export function watchListOf(rules: readonly Rule[]): WatchList {
  return kind =>
    [...rules, ...redHerringRules].filter(({ kinds }) => kinds.includes(kind)).flatMap(({ watch }) => watch)
}

/** Logs as read, with the words of the same rules, to findings; see `applyRules`. */
export function judgeLogs(logs: readonly LogAt[], { knowledge, context, rules }: RuleOptions): Diagnosis {
  const judged = logs.map(({ path, log }) => log.attempts.map((attempt): Judged => ({ path, attempt, causes: [] })))
  const all = judged.flat()
  const inOrder = [...all].sort((a, b) => order.indexOf(a.attempt.kind) - order.indexOf(b.attempt.kind))
  for (const own of inOrder) judge(own, all, rules, { knowledge, context })
  const ruleWords = new Set(rules.flatMap(({ watch }) => watch))
  return {
    schema: 'exroll.diagnosis/1',
    files: logs.map(({ path, log }, i) => ({
      path,
      kind: log.kind,
      encoding: log.encoding,
      bytes: log.bytes,
      lines: log.lines,
      attempts: (judged[i] ?? []).map(own => toAttempt(own, all, log, ruleWords)),
    })),
  }
}

/** All rules run, in their order; a general one sees what the ones before it found. */
function judge(
  own: Judged,
  all: readonly Judged[],
  rules: readonly Rule[],
  known: Pick<AttemptView, 'knowledge' | 'context'>,
): void {
  const view: AttemptView = {
    ...known,
    attempt: own.attempt,
    found: own.causes,
    said: phrase => saidIn(own.attempt, phrase),
    related: kind => relatedTo(own, all, kind),
  }
  for (const rule of rules) {
    if (!rule.kinds.includes(own.attempt.kind)) continue
    const match = rule.match(view)
    if (match === undefined) continue
    const fix = match.fix ?? rule.fix
    own.causes.push({
      id: rule.id,
      confidence: match.confidence,
      title: match.title ?? rule.title,
      evidence: match.evidence,
      remedy: [...(match.remedy ?? rule.remedy)],
      ...(fix === undefined ? {} : { fix }),
    })
  }
}

function saidIn(attempt: AttemptFacts, phrase: string): readonly Sighting[] {
  return (attempt.seen.get(phrase) ?? []).filter(({ property, ignored }) => !property && !ignored)
}

function toAttempt(
  own: Judged,
  all: readonly Judged[],
  { lastLines }: ReadLog,
  ruleWords: ReadonlySet<string>,
): Attempt {
  const { attempt } = own
  const { product, update, kb, firstFailure } = attempt
  const others = all
    .filter(({ path }) => path !== own.path && folderOf(path) === folderOf(own.path))
    .map(other => other.attempt.kind)
  const causes =
    attempt.outcome === 'failed' && own.causes.length === 0
      ? [unknownCause({ attempt, lastLines: attempt.followed || attempt.excerpt ? [] : lastLines, others })]
      : orderCauses(own.causes, firstFailure)
  return {
    outcome: attempt.outcome,
    exitCode: attempt.exitCode,
    ...(product === undefined ? {} : { product }),
    ...(update === undefined ? {} : { update }),
    ...(kb === undefined ? {} : { kb }),
    ...(firstFailure === undefined ? {} : { firstFailure }),
    causes,
    redHerrings: redHerringsOf(attempt, own.causes, ruleWords),
    ...(attempt.silences.length === 0 || attempt.excerpt ? {} : { gaps: attempt.silences }),
  }
}
