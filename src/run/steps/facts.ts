import { type ServerFact, systemSid } from '../../scripts/catalog.js'
import type { Step } from '../context.js'
import { powershellVersionBlock } from '../precheck/powershell-version.js'

/** Reads what the server is: build, updates, settings, services, cluster. A PowerShell too old to say so is precheck's block already. */
export const facts: Step = async ({ link, found, server, jobAccount, emit }) => {
  let fact: ServerFact
  try {
    fact = await link.call('Get-ServerFact', { Accounts: [systemSid], JobAccount: jobAccount?.username ?? '' })
  } catch (error) {
    const block = powershellVersionBlock(error)
    if (block === undefined) throw error
    await emit({ type: 'precheck.blocked', server: server.name, ...block, allowed: false })
    found.cause = block.block
    found.note = block.block
    return {
      outcome: 'failed',
      note: block.block,
      error: { code: 'PRECHECK_BLOCKED', message: block.message, hint: block.remedy },
    }
  }
  found.fact = fact
  const { exchange } = fact
  return {
    outcome: 'ok',
    note:
      exchange === null ? 'no Exchange' : `Exchange ${exchange.generation} ${exchange.build} ${exchange.architecture}`,
  }
}
