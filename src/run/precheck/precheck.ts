import { absoluteBlocks } from '../../events/absolute-blocks.js'
import type { Block, Check, PrecheckInput } from './block.js'
import { corruption, diskFull, missingCache, poisonedServiceState } from './installer-checks.js'
import { jobAccountPolicy, jobAccountRights, jobAccountUnknown, jobAccountUnsupported } from './job-account-checks.js'
import {
  exchangeMissing,
  groupPolicyExecutionPolicy,
  notElevated,
  pendingReboot,
  runInProgress,
} from './server-checks.js'
import { interimUpdate, level, notApplicable, supersededBlock, wrongArchitecture } from './update-checks.js'

const checks: Check[] = [
  exchangeMissing,
  notElevated,
  runInProgress,
  wrongArchitecture,
  notApplicable,
  interimUpdate,
  groupPolicyExecutionPolicy,
  corruption,
  missingCache,
  poisonedServiceState,
  pendingReboot,
  diskFull,
  jobAccountUnsupported,
  jobAccountUnknown,
  jobAccountPolicy,
  jobAccountRights,
]

export interface PrecheckResult {
  /** `go`: nothing in the way, or all of it let through. `current`: nothing to do. */
  decision: 'go' | 'blocked' | 'current'
  note: string
  blocks: (Block & { allowed: boolean })[]
}

/**
 * Whether a server may be touched. Pure. `allow` holds block names, alone or with `@server`. A server that is current ends there,
 * unless `superseded` is let through: then the package itself is asked.
 */
export function precheck(input: PrecheckInput, { allow, server }: { allow: string[]; server: string }): PrecheckResult {
  const allowed = (block: string) =>
    !absoluteBlocks.has(block) && (allow.includes(block) || allow.includes(`${block}@${server}`))
  const where = level(input)
  if (where.current && !(where.superseded && allowed('superseded'))) {
    return { decision: 'current', note: where.note, blocks: [] }
  }
  const found = checks.flatMap(check => check(input))
  if (where.superseded) found.push(supersededBlock(where.note))
  const blocks = found.map(block => ({ ...block, allowed: allowed(block.block) }))
  const blocked = blocks.filter(block => !block.allowed)
  if (blocked.length > 0) return { decision: 'blocked', note: blocked.map(block => block.block).join(', '), blocks }
  return { decision: 'go', note: blocks.length === 0 ? '' : `let through: ${names(blocks)}`, blocks }
}

function names(blocks: Block[]): string {
  return blocks.map(block => block.block).join(', ')
}
