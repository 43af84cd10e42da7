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

export interface Attempt {
  outcome: 'failed' | 'succeeded' | 'incomplete'
  exitCode: number | null
  product?: string
  update?: string
  kb?: string
  firstFailure?: { line: number; action: string; returnValue: number }
  causes: Cause[]
  redHerrings: RedHerring[]
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
