import { applyRules, judgeLogs, type LogAt, type LogFile, watchListOf } from './apply-rules.js'
import type { Diagnosis } from './finding.js'
import { chain, missingPackage } from './missing-patches.js'
import { LogReader } from './read-log.js'
import type { DiagnosisContext, Knowledge } from './rule.js'
import { rules } from './rules/index.js'

export type { LogAt, LogFile } from './apply-rules.js'
export { type RankedCause, rankCauses } from './rank.js'

export interface DiagnoseOptions {
  knowledge: Knowledge
  /** What is known of the server beside its logs; `{}` for a log that came by mail. */
  context: DiagnosisContext
}

/** Log bytes to findings by exroll's own rules; see `applyRules`. Takes any bytes and never throws because of them. */
export function diagnose(files: readonly LogFile[], { knowledge, context }: DiagnoseOptions): Diagnosis {
  return applyRules(files, { knowledge, context, rules })
}

/** For a log too large to hold: push its bytes, take what `finish` returns to `diagnoseLogs`. */
export function newLogReader(): LogReader {
  return new LogReader(watchListOf(rules))
}

/** Whether a KB number has to be looked up to judge these logs: the build tables take longer to load than a log to read. */
export function needsKnowledge(logs: readonly LogAt[]): boolean {
  return logs.some(({ log }) => log.attempts.some(({ seen }) => seen.has(chain.missing) || seen.has(missingPackage)))
}

/** Like `diagnose`, of logs that a `newLogReader` has read. */
export function diagnoseLogs(logs: readonly LogAt[], { knowledge, context }: DiagnoseOptions): Diagnosis {
  return judgeLogs(logs, { knowledge, context, rules })
}
