import type { AttemptFacts, Sighting } from './attempt.js'
import type { Cause, Confidence, Evidence, LogKind } from './finding.js'

/** What is known of a KB number: `SP1 RU4` of `Exchange 2007`. Comes in from the build tables; the rules hold no data. */
export interface KbDescription {
  /** `Update Rollup 2 for Exchange 2007 RTM`, as it is said in a sentence. */
  release: string
  build?: string
}

export interface Knowledge {
  describeKb(kb: string): KbDescription | undefined
  /** The KB of a patch code, where it is known: a log may have lost the name of the package. */
  kbOfPatch?(code: string): string | undefined
  /** `Exchange 2007 SP1 RTM (8.1.240.6)`, of a product version. */
  describeBuild?(build: string): string
}

/** What a run knows of the server beside its logs. Everything may be missing: a log that came by mail has no context. */
export interface DiagnosisContext {
  /** The account of the installer can fetch a CRL. */
  crlReachable?: boolean
  /** Publisher's revocation checking was on during the install. */
  crlChecking?: boolean
  /** The log stopped growing while the installer was still running. */
  stalled?: boolean
  /** The server restarted during the install. */
  rebooted?: boolean
  /** The server was restarted after the install had ended. */
  restartedSince?: boolean
  /** The installer still runs; false = it is gone. */
  running?: boolean
  /** The logon had a full token. */
  elevated?: boolean
  /** Execution policy in force during the install, and whether a Group Policy sets it. */
  executionPolicy?: string
  executionPolicyByGroupPolicy?: boolean
}

/** One attempt as a rule sees it. */
export interface AttemptView {
  attempt: AttemptFacts
  context: DiagnosisContext
  knowledge: Knowledge
  /** Records with the phrase, in order; without property dumps and without output of ignored actions. */
  said(phrase: string): readonly Sighting[]
  /** Causes of rules before this one. */
  found: readonly Cause[]
  /** Attempts of other logs of the same server that belong to this one, with their causes. */
  related(kind: LogKind): readonly RelatedAttempt[]
}

export interface RelatedAttempt {
  path: string
  attempt: AttemptFacts
  causes: readonly Cause[]
}

export interface RuleMatch {
  confidence: Confidence
  evidence: Evidence[]
  /** In place of the rule's own title. */
  title?: string
  /** In place of the rule's own remedy. */
  remedy?: string[]
  fix?: string
}

/** One known failure. A rule is data and one pure function; it never sees the text, only the records it asked for. */
export interface Rule {
  id: string
  title: string
  /** What it is, and how it shows in a log: for `--explain`. */
  about: string
  /** The log kinds it can show in. */
  kinds: readonly LogKind[]
  /** Words of the records it wants to see. */
  watch: readonly string[]
  /** A match is certain only if the whole chain is there. */
  match(view: AttemptView): RuleMatch | undefined
  /** What to do, a step each. */
  remedy: readonly string[]
  /** An exroll command that does it. */
  fix?: string
}

/** Where in the program something failed: it proves nothing to who runs a server. */
const stackTrace = /^\s*(?:at [\w.<>`]+[.(]|--- End of inner exception)/

/** The lines of some records, in the file's order, without repeats. */
export function evidenceOf(...records: readonly ({ lines: Evidence[] } | undefined)[]): Evidence[] {
  const byLine = new Map<number, Evidence>()
  for (const record of records) for (const entry of record?.lines ?? []) byLine.set(entry.line, entry)
  const all = [...byLine.values()].sort((a, b) => a.line - b.line)
  const telling = all.filter(({ text }) => !stackTrace.test(text))
  return telling.length > 0 ? telling : all
}
