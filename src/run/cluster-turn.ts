import type { ServerOutcome } from '../events/event.js'
import type { Plan } from '../plan/model.js'

/** The cluster that a server is a node of; undefined for one that stands by itself. */
export function clusterOf(plan: Plan, server: string): Plan['clusters'][number] | undefined {
  return plan.clusters.find(({ members }) => members.includes(server))
}

/** Servers that may run side by side, a lane each: those of one cluster share a lane, so that two of them are never in progress together. */
export function lanes(plan: Plan, servers: readonly string[]): string[][] {
  const byKey = new Map<string, string[]>()
  for (const server of servers) {
    const cluster = clusterOf(plan, server)
    const key = cluster === undefined ? `server ${server}` : `cluster ${cluster.cluster.name}`
    byKey.set(key, [...(byKey.get(key) ?? []), server])
  }
  return [...byKey.values()]
}

/**
 * Whether a slot of the plan still has to be filled. Members of a cluster may have changed slots: then its first slots are filled, whoever
 * is in them, and the rest is for the members that are left.
 */
export function slotIsOpen({ plan, slot, taken }: { plan: Plan; slot: string; taken: ReadonlySet<string> }): boolean {
  const cluster = clusterOf(plan, slot)
  if (cluster === undefined) return !taken.has(slot)
  return cluster.members.filter(member => taken.has(member)).length <= cluster.members.indexOf(slot)
}

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
 * Which member of a cluster takes the slot that has come (product.md, definition 5). Of a CCR or SCC pair the passive node goes first, by
 * facts (exchange.md 2.2); the other takes the later slot. When the first node did not come out well, the active one is passed over:
 * moving the clustered mailbox server onto a node in an unknown state would risk the mailboxes. While the end of one member is not
 * known, its installer may still run: no other member of any kind of cluster is started.
 */
export async function clusterTurn({ plan, server, taken, underway, outcomes, isActive }: TurnInput): Promise<Turn> {
  const cluster = clusterOf(plan, server)
  if (cluster === undefined) return { run: server }
  const begun = cluster.members.find(member => underway.has(member) && !taken.has(member))
  if (begun !== undefined) return { run: begun }
  const others = cluster.members.filter(member => member !== server)
  const unsure = others.find(member => outcomes[member] === 'unknown')
  if (unsure !== undefined) {
    return { passOver: server, because: `how ${unsure} ended is not known: its installer may still run` }
  }
  if (cluster.order === 'one-at-a-time') return { run: server }
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
