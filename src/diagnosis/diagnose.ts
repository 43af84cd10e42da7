import { applyRules, type LogFile } from './apply-rules.js'
import type { Diagnosis } from './finding.js'
import type { DiagnosisContext, Knowledge } from './rule.js'
import { rules } from './rules/index.js'

export type { LogFile } from './apply-rules.js'
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
