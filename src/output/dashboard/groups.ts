import type { RunState, ServerState } from '../../events/state.js'
import { matchesFilter } from './filter.js'
import { countFleet, type FleetCounts, needsAttention, serversOf, standingOf } from './fleet.js'
import { elapsedOf } from './pace.js'
import { standingLooks, standingOrder } from './standing.js'
import type { View } from './view.js'

/** A part of the list: what it is called, whom it shows, and what it counts. */
export interface Group {
  readonly id: string
  readonly title: string
  readonly kind: 'attention' | 'active' | 'waiting' | 'done'
  /** Shown under it, in order. Those that need attention are shown on top of the list, not here. */
  readonly servers: readonly ServerState[]
  /** Over all of its servers, shown here or not. */
  readonly counts: FleetCounts
}

/** The list from top to bottom: who needs attention, what is active, then the rest. */
export function groupServers(run: RunState, view: View, now: number): Group[] {
  const shown = serversOf(run).filter(server => matchesFilter(server, view.filter))
  const attention = shown.filter(needsAttention)
  const groups: Group[] = []
  if (attention.length > 0) {
    groups.push({
      id: 'attention',
      title: 'NEEDS ATTENTION',
      kind: 'attention',
      servers: sorted(attention, view, now),
      counts: countFleet(attention),
    })
  }
  if (view.failedOnly) return groups
  const rest = partition(run, shown, view).map(({ id, title, members }) => {
    const quiet = members.filter(server => !needsAttention(server))
    return { id, title, kind: kindOf(members), servers: sorted(quiet, view, now), counts: countFleet(members) }
  })
  return [...groups, ...rest.filter(({ kind }) => kind === 'active'), ...rest.filter(({ kind }) => kind !== 'active')]
}

interface Part {
  id: string
  title: string
  members: ServerState[]
}

function partition(run: RunState, servers: readonly ServerState[], { group }: View): Part[] {
  const batches = Object.keys(run.batches).length
  const parts = new Map<string, Part>()
  for (const server of servers) {
    const { id, title } = partOf(server, group, batches)
    const part = parts.get(id)
    if (part === undefined) parts.set(id, { id, title, members: [server] })
    else part.members.push(server)
  }
  return [...parts.values()]
}

function partOf(server: ServerState, group: View['group'], batches: number): { id: string; title: string } {
  switch (group) {
    case 'batch':
      return { id: `batch-${server.batch}`, title: `BATCH ${server.batch}/${batches}` }
    case 'role': {
      const role = server.roles[0] ?? 'no role'
      return { id: `role-${role}`, title: role.toUpperCase() }
    }
    case 'state': {
      const standing = standingOf(server)
      return { id: `state-${standing}`, title: standingLooks[standing].word.toUpperCase() }
    }
  }
}

function kindOf(members: readonly ServerState[]): 'active' | 'waiting' | 'done' {
  const standings = members.map(standingOf)
  if (members.every(server => server.outcome !== null)) return 'done'
  return standings.every(standing => standing === 'waiting') ? 'waiting' : 'active'
}

/** Within a group running servers come first and ended ones last; else the order of the plan holds, so that rows stay where they are. */
function sorted(servers: readonly ServerState[], { sort }: View, now: number): ServerState[] {
  if (sort === 'name') return servers.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  if (sort === 'elapsed')
    return servers.toSorted((one, other) => (elapsedOf(other, now) ?? -1) - (elapsedOf(one, now) ?? -1))
  return servers.toSorted((one, other) => place(one) - place(other))
}

function place(server: ServerState): number {
  if (server.outcome !== null) return 2
  return Object.keys(server.steps).length === 0 ? 1 : 0
}

/** `countFleet` by standing, those that are there, in the order of the strip. */
export function presentStandings({ standing }: FleetCounts) {
  return standingOrder.filter(name => standing[name] > 0).map(name => ({ standing: name, count: standing[name] }))
}
