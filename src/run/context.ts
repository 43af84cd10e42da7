import type { ErrorInfo } from '../errors.js'
import type { RunEventBody, StepName, StepOutcome } from '../events/event.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Playbook } from '../playbook/model.js'
import type { PackageInfo } from '../products/model.js'
import type { Readiness, ServerFact, SettingsFact } from '../scripts/catalog.js'
import type { RunControl } from './control.js'
import type { JobAccount } from './job-account.js'
import type { Link } from './link.js'
import type { ToldOnce } from './told.js'

/** The update as the operator has it: what it says of itself and where it lies. */
export interface RunPackage {
  info: PackageInfo
  file: string
}

/** What one server's run works with. Steps read it and add what later steps need to `found`. */
export interface ServerContext {
  /** The run's name on the server: a second attempt has its own. */
  run: string
  /** 1-based. */
  attempt: number
  /** An earlier process of this run may have started the job: it is looked for, never started a second time. */
  jobStarted: boolean
  /** Begin there; only with a job that was started, and only a step after it. */
  fromStep?: StepName | undefined
  /** Changes of this attempt's job that are in the run's journal already. */
  told: ToldOnce
  server: InventoryServer
  playbook: Playbook
  package: RunPackage
  /** Absent: installs run as SYSTEM. */
  jobAccount?: JobAccount | undefined
  link: Link
  control: RunControl
  emit(body: RunEventBody): Promise<void>
  /** Folder on the operator's machine for this server's logs. */
  folder: string
  found: Found
}

export interface Found {
  fact?: ServerFact
  readiness?: Readiness
  /** Blocks of precheck that were let through. */
  letThrough?: string[]
  packagePath?: string
  settingsBefore?: SettingsFact
  job?: JobEnd
  /** The server was restarted after the install had ended. */
  restarted?: boolean
  collected?: { name: string; kind: string; file: string }[]
  /** The best cause, once diagnosed. */
  cause?: string
  note?: string
}

/** How the detached job came to its end, or why that is not known. */
export interface JobEnd {
  end: 'ended' | 'stalled' | 'timed-out' | 'interrupted' | 'out-of-contact'
  exitCode: number | null
  rebootOwed: boolean
  /** The job turned revocation checking off for the install. */
  crlOff: boolean
  /** The job's account could not reach the CRL, as far as anybody could tell. */
  crlUnreachable: boolean
}

/** What a step came to: a value, also when it failed. */
export interface StepResult {
  outcome: StepOutcome
  note?: string
  error?: ErrorInfo
}

export type Step = (context: ServerContext) => Promise<StepResult>

/** The script a step calls first, for the journal: which text ran on the server. */
export interface StepDefinition {
  name: StepName
  run: Step
}
