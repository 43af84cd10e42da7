import type { Role } from '../inventory/model.js'

/** A playbook with every default filled in. Durations are milliseconds. */
export const actions = [
  'apply',
  'uninstall',
  'stage',
  'collect',
  'repair-cache',
  'repair-owa',
  'restore',
  'trace',
] as const
export type Action = (typeof actions)[number]

/** A count, or a percentage of something named by the field. */
export type Amount = { count: number } | { percent: number }

export interface UpdateSource {
  /** Absolute path on the operator's machine. */
  file: string
  /** Lower-case hex. Required for a real run. */
  sha256?: string
  /** UNC path that the servers copy it from by themselves; absent: it is sent to them. */
  share?: string
}

export interface Rollout {
  order: Role[]
  canary: number
  serial: Amount[]
  throttle: number
  maxFail: Amount
  /** Absent: no limit beyond maxFail. */
  maxFailPerBatch?: Amount
  onFailure: 'finish-batch' | 'stop-starting' | 'continue'
  between: { soakMs: number; confirm: boolean; health: ('services' | 'owa')[] }
  windows: { from: string; to: string; tz: string }[]
}

export interface SettingsPolicy {
  crlCheck: 'auto' | 'off-during-install' | 'leave'
  serverCertificateRevocation: 'leave' | 'off-during-install'
  executionPolicy: 'auto' | 'RemoteSigned' | 'Unrestricted' | 'leave'
  after: 'previous' | 'recommended'
}

export interface InstallPolicy {
  timeoutMs: number
  stallAfterMs: number
  onStall: 'report' | 'end'
  /** `system` or the name of a credential. */
  runAs: string
  /** The msiexec logging switch: `/lxv*` or `/lxv*!`. */
  log: string
  reboot: 'never' | 'before' | 'if-needed' | 'always'
}

export const verifyChecks = ['build', 'patch', 'services', 'settings', 'owa'] as const
export type VerifyCheck = (typeof verifyChecks)[number]

export const collectKinds = ['msi', 'service-control', 'update-cas', 'exchange-setup', 'events'] as const
export type CollectKind = (typeof collectKinds)[number]

export interface Playbook {
  file: string
  name: string
  action: Action
  update?: UpdateSource
  rollout: Rollout
  /** Named blocks of precheck to let through: `pending-reboot`, or `pending-reboot@ex-cas-01` from `--allow`. */
  allow: string[]
  settings: SettingsPolicy
  install: InstallPolicy
  services: { startTimeoutMs: number }
  verify: VerifyCheck[]
  collect: CollectKind[]
  hooks: Record<string, unknown>
  notify: Record<string, unknown>
}
