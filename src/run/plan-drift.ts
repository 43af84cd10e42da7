import PQueue from 'p-queue'
import { errorInfo, ToolError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import { systemSid } from '../scripts/catalog.js'
import type { Transport } from '../transport/transport.js'
import { drift, type PlanBasis, planBasis } from './drift.js'
import { createLink } from './link.js'

export interface PlanDriftInput {
  servers: readonly InventoryServer[]
  /** What each server was like when the plan was saved; absent: it could not be read then. */
  basis: Readonly<Record<string, PlanBasis>>
  /** User name of the account that installs run as; empty for SYSTEM. */
  jobAccount: string
  transportFor: (server: InventoryServer) => Transport
  throttle: number
  signal: AbortSignal
}

const patienceMs = 60_000

/** Asks every server of a saved plan whether it still is what the plan rests on; only reads. In words, by server; empty when all are. */
export async function planDrift(input: PlanDriftInput): Promise<Map<string, string[]>> {
  const queue = new PQueue({ concurrency: input.throttle })
  const found = await queue.addAll(
    input.servers.map(server => async () => [server.name, await driftOf(server, input)] as const),
  )
  return new Map(found.filter(([, lines]) => lines.length > 0))
}

async function driftOf(
  server: InventoryServer,
  { basis, jobAccount, transportFor, signal }: PlanDriftInput,
): Promise<string[]> {
  const saved = basis[server.name]
  const link = createLink({ transport: transportFor(server), signal, patienceMs })
  try {
    await link.connect()
    const fact = await link.call('Get-ServerFact', { Accounts: [systemSid], JobAccount: jobAccount })
    return saved === undefined
      ? ['could not be read when the plan was saved, can be now']
      : drift(saved, planBasis(fact))
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    // Not reached then and not reached now: nothing is different.
    return saved === undefined ? [] : [`could be read when the plan was saved, cannot now: ${errorInfo(error).message}`]
  } finally {
    await link.close().catch(() => undefined)
  }
}
