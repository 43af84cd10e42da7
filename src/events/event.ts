import type { ErrorInfo } from '../errors.js'

/** Steps in the order a server goes through them (product.md, "Steps, outcomes, exit codes"). */
export const stepNames = [
  'connect',
  'facts',
  'precheck',
  'stage',
  'snapshot',
  'guard',
  'maintenance-on',
  'settings-on',
  'install',
  'settings-restore',
  'reboot',
  'services',
  'verify',
  'maintenance-off',
  'collect',
  'diagnose',
] as const
export type StepName = (typeof stepNames)[number]

export type StepOutcome = 'ok' | 'changed' | 'skipped' | 'failed' | 'unknown'
export type ServerOutcome = 'changed' | 'ok' | 'skipped' | 'blocked' | 'failed' | 'unreachable' | 'unknown'

export type SettingName =
  | 'crl'
  | 'server-certificate-revocation'
  | 'execution-policy'
  | 'installer-logging'
  | 'start-type'

/** A registry value, a start type or a policy name; null is absence. */
export type SettingValue = string | number | null

export type ControlAction = 'pause' | 'resume' | 'abort' | 'retry' | 'skip' | 'restore' | 'approve' | 'leave'

export interface SettingFields {
  server: string
  setting: SettingName
  /** An account's SID, an execution policy scope, or a service's name. */
  scope: string
  from: SettingValue
  to: SettingValue
}

export interface EventEvidence {
  log: string
  line: number
  text: string
}

export type RunEventBody =
  | {
      type: 'run.started'
      action: string
      dryRun: boolean
      servers: { name: string; roles: string[]; batch: number }[]
      tool?: string
      playbook?: string
      /** Command line words worth knowing again; never a secret. */
      title?: string
    }
  | { type: 'batch.started' | 'batch.finished'; batch: number; servers: string[] }
  | { type: 'server.finished'; server: string; outcome: ServerOutcome; cause?: string; note?: string }
  | { type: 'step.started'; server: string; step: StepName; attempt: number; script?: string; sha256?: string }
  | { type: 'step.progress'; server: string; step: StepName; percent?: number; note: string }
  | {
      type: 'step.finished'
      server: string
      step: StepName
      outcome: StepOutcome
      ms: number
      error?: ErrorInfo
      note?: string
    }
  | ({ type: 'setting.changed' | 'setting.restored' | 'setting.stuck' | 'setting.predicted' } & SettingFields)
  | { type: 'service.state'; server: string; running: number; expected: number; down: string[] }
  | { type: 'precheck.blocked'; server: string; block: string; message: string; remedy: string; allowed: boolean }
  | { type: 'log.line'; server: string; log: string; line: number; text: string }
  | {
      type: 'diagnosis.made'
      server: string
      id: string
      confidence: 'certain' | 'likely' | 'possible'
      title: string
      evidence: EventEvidence[]
      remedy: string[]
      fix?: string
    }
  | { type: 'control.taken'; action: ControlAction; by: string; server?: string }
  | {
      type: 'run.finished'
      outcome: 'ok' | 'failed' | 'stopped' | 'stuck'
      exitCode: number
      counts: Record<ServerOutcome, number>
    }

/** One fact about a run: one line of the journal. */
export type RunEvent = { v: 1; run: string; seq: number /** ISO 8601, UTC, milliseconds */; at: string } & RunEventBody
export type RunEventType = RunEventBody['type']
