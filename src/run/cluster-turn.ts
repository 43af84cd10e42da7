import type { ServerOutcome } from '../events/event.js'
import type { Plan } from '../plan/model.js'

export interface TurnInput {
  plan: Plan
  /** Whose slot has come. */
  server: string
  /** Servers that were started or passed over. */
  taken: ReadonlySet<string>
  /** Servers whose job an earlier process may have started: it goes on there, whatever the other node does. */
  underway: ReadonlySet<string>
  outcomes: Record<string, ServerOutcome>
  /** Asks a node whether it hosts the clustered mailbox server; undefined when it cannot say. */
  isActive: (server: string) => Promise<boolean | undefined>
}

export type Turn = { run: string } | { passOver: string; because: string }

/**
 * Which member of a cluster takes the slot that has come. Of a CCR or SCC pair the passive node goes first, by facts (exchange.md
 * 2.2); the other takes the later slot. When the first node did not come out well, the active one is passed over: moving the
 * clustered mailbox server onto a node in an unknown state would risk the mailboxes.
 */
export async function clusterTurn({ plan, server, taken, underway, outcomes, isActive }: TurnInput): Promise<Turn> {
  const cluster = plan.clusters.find(({ order, members }) => order === 'passive-first' && members.includes(server))
  if (cluster === undefined) return { run: server }
  const begun = cluster.members.find(member => underway.has(member) && !taken.has(member))
  if (begun !== undefined) return { run: begun }
  const others = cluster.members.filter(member => member !== server)
  const ended = others.filter(member => outcomes[member] !== undefined)
  const bad = ended.find(member => outcomes[member] !== 'changed' && outcomes[member] !== 'ok')
  if (bad !== undefined && (await isActive(server)) === true) {
    return { passOver: server, because: `${server} is active and ${bad} ended ${outcomes[bad]}` }
  }
  const waiting = others.filter(member => !taken.has(member))
  const [other] = waiting
  if (other === undefined || (await isActive(server)) !== true) return { run: server }
  return { run: other }
}
