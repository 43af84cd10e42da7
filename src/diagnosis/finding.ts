/** The shapes of `exroll diagnose --json` (product.md, "Diagnosis"). */
export type LogKind = 'msi' | 'exchange-setup' | 'service-control' | 'update-cas' | 'events' | 'unknown'
export type Confidence = 'certain' | 'likely' | 'possible'

export interface Evidence {
  /** 1-based, counting the file's own lines. */
  line: number
  text: string
}

export interface Cause {
  id: string
  confidence: Confidence
  title: string
  evidence: Evidence[]
  /** What to do, a step each. */
  remedy: string[]
  /** An exroll command that does it. */
  fix?: string
}

export interface RedHerring {
  id: string
  lines: number[]
}

/** A time in which nothing was written to the log. */
export interface Gap {
  /** The last line before it. */
  line: number
  seconds: number
  /** The action that ran, and how it was announced. */
  action?: string
  phase?: string
}

export interface Attempt {
  outcome: 'failed' | 'succeeded' | 'incomplete'
  exitCode: number | null
  product?: string
  update?: string
  kb?: string
  firstFailure?: { line: number; action: string; returnValue: number }
  causes: Cause[]
  redHerrings: RedHerring[]
  /** The longest, from a minute on; the longest first. */
  gaps?: Gap[]
}

export interface DiagnosedFile {
  path: string
  kind: LogKind
  encoding: string
  bytes: number
  lines: number
  attempts: Attempt[]
}

export interface Diagnosis {
  schema: 'exroll.diagnosis/1'
  files: DiagnosedFile[]
}
