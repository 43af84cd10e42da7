import { ToolError } from '../errors.js'
import type { Link } from '../run/link.js'
import type { ServiceSummary, SettingChange } from '../scripts/catalog.js'
import { systemSid } from '../scripts/catalog.js'
import type { RestorePlan } from './restore-plan.js'

/** What came of putting one server right. */
export interface RestoreOutcome {
  restored: SettingChange[]
  stuck: SettingChange[]
  /** Changed by somebody else since; left alone. */
  foreign: SettingChange[]
  /** Services that ran before and still do not. */
  down: string[]
  /** Left-over state files under their new names. */
  moved: string[]
  /** What could not be done now, and why. */
  notes: string[]
}

export interface RestoreOptions {
  /** Name of this restore on the server; `--from-defaults` keeps its own record under it. */
  run: string
  serviceTimeoutSeconds: number
}

/** Milliseconds a call may take beyond the start of the services. */
const graceMs = 5 * 60_000

/**
 * Puts a server back: first what runs of exroll recorded, then, if asked for, start types from product data. All of it by the server's own
 * scripts: compare and swap, read back, in the server's journal and event log. Throws what the connection throws.
 */
export async function restoreServer(
  link: Link,
  { runs, defaults, leftoverState }: RestorePlan,
  { run, serviceTimeoutSeconds }: RestoreOptions,
): Promise<RestoreOutcome> {
  const outcome: RestoreOutcome = { restored: [], stuck: [], foreign: [], down: [], moved: [], notes: [] }
  const restore = async (name: string) => {
    const result = await link.call(
      'Restore-ServerState',
      { Run: name, ServiceTimeoutSeconds: serviceTimeoutSeconds },
      { timeoutMs: serviceTimeoutSeconds * 1000 + graceMs },
    )
    outcome.restored.push(...result.restored)
    outcome.stuck.push(...result.stuck)
    outcome.foreign.push(...result.foreign)
    addDown(outcome, result.services)
  }
  for (const { run: name, busy } of runs) {
    if (busy !== '') {
      outcome.notes.push(`run ${name}: ${busy}; its guard puts everything back when that has ended`)
      continue
    }
    try {
      await restore(name)
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'RESTORE_BUSY') throw error
      outcome.notes.push(`run ${name}: ${error.message}`)
    }
  }
  if (defaults.changes.length > 0) {
    // The snapshot takes the product's start types for what was there before: the restore that follows is like any other.
    await link.call('New-Snapshot', {
      Run: run,
      Accounts: [systemSid],
      Defaults: defaults.changes.map(({ scope, to }) => `${scope}=${to}`),
      Before: '',
    })
    await restore(run)
  }
  if (leftoverState.length > 0 && outcome.stuck.length === 0) {
    outcome.moved = (await link.call('Move-LeftoverState', {})).moved
  }
  return outcome
}

function addDown(outcome: RestoreOutcome, { down }: ServiceSummary): void {
  outcome.down.push(...down.filter(name => !outcome.down.includes(name)))
}
