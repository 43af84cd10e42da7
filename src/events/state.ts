import type { ErrorInfo } from '../errors.js'
import type { EventEvidence, ServerOutcome, SettingFields, StepName, StepOutcome } from './event.js'

/** What is known of a run after some of its events: made by `reduce` only. Plain JSON. */
export interface RunState {
  run: string
  action: string
  dryRun: boolean
  title: string
  startedAt: string | null
  lastAt: string | null
  servers: Record<string, ServerState>
  /** Names in order of the plan. */
  order: string[]
  batches: Record<number, { servers: string[]; state: 'waiting' | 'running' | 'done' }>
  finished: { outcome: string; exitCode: number; counts: Record<ServerOutcome, number> } | null
}

export interface StepState {
  state: 'running' | StepOutcome
  attempt: number
  startedAt: string
  ms: number | null
  percent: number | null
  note: string | null
  error: ErrorInfo | null
}

export interface DiagnosisState {
  id: string
  confidence: 'certain' | 'likely' | 'possible'
  title: string
  evidence: EventEvidence[]
  remedy: string[]
  fix: string | null
}

export interface BlockState {
  block: string
  message: string
  remedy: string
  allowed: boolean
}

export interface ServerState {
  name: string
  roles: string[]
  batch: number
  outcome: ServerOutcome | null
  cause: string | null
  note: string | null
  /** Notes and attempt counts per step, in the order the steps were started. */
  steps: Partial<Record<StepName, StepState>>
  current: StepName | null
  /** Changed and not put back yet; key `setting/scope`. */
  outstanding: Record<string, SettingFields>
  stuck: Record<string, SettingFields>
  services: { running: number; expected: number; down: string[] } | null
  blocks: BlockState[]
  diagnoses: DiagnosisState[]
}
