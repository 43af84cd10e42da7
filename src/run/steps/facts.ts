import { systemSid } from '../../scripts/catalog.js'
import type { Step } from '../context.js'

/** Reads what the server is: build, updates, settings, services, cluster. */
export const facts: Step = async ({ link, found }) => {
  const fact = await link.call('Get-ServerFact', { Accounts: [systemSid] })
  found.fact = fact
  const { exchange } = fact
  return {
    outcome: 'ok',
    note:
      exchange === null ? 'no Exchange' : `Exchange ${exchange.generation} ${exchange.build} ${exchange.architecture}`,
  }
}
