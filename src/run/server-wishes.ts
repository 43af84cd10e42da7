import { errorInfo, ToolError } from '../errors.js'
import type { RunState, ServerState } from '../events/state.js'
import type { WishAnswer } from '../events/wish.js'
import type { ServerWish } from './control.js'
import type { RunInput } from './executor.js'
import type { Rollout } from './rollout.js'
import { emitChange } from './setting-events.js'

interface Servant {
  rollout: Rollout
  /** As of now: read once for each wish. */
  state: RunState
  input: RunInput
}

/** Grants or refuses a wish about one server; a granted one is in the journal before it is acted on. */
export async function takeServerWish(servant: Servant, wish: ServerWish, by: string): Promise<WishAnswer> {
  const { rollout, state, input } = servant
  const server = state.servers[wish.server]
  if (server === undefined) return { granted: false, why: `${wish.server} is not in this run` }
  const why =
    refusal(wish, server, rollout) ?? (input.control.stopping && wish.action !== 'restore' ? stopping : undefined)
  if (why !== undefined) return { granted: false, why }
  const { action, server: name } = wish
  // Until the event is on disk nothing may happen to this server: not the same wish a second time, and no lane that takes it.
  const letGo = rollout.reserve(name)
  try {
    await input.bus.emit({ type: 'control.taken', action, by, server: name })
    if (action === 'restore') return await restoreNow(servant, name)
    if (action === 'retry') rollout.retry(name)
    else await rollout.skip(name)
    return { granted: true }
  } finally {
    letGo()
  }
}

const stopping = 'the run is being stopped; `exroll resume --retry-failed` takes it again'

/** Why the wish cannot be granted as the server stands; undefined when it can. */
function refusal(
  { action }: ServerWish,
  { name, outcome, steps, current }: ServerState,
  rollout: Rollout,
): string | undefined {
  if (rollout.reserved.has(name)) return `something else that was asked of ${name} is being done`
  if (rollout.busy.has(name)) {
    const underWay = `${name} is under way${current === null ? '' : ` (${current})`}`
    return {
      restore: `${underWay}: its settings are put back when its install ends`,
      retry: `${underWay}: it can be taken up again when it has ended`,
      skip: `${underWay}, and a server that was started is finished`,
    }[action]
  }
  switch (action) {
    case 'retry': {
      if (outcome === null) return `${name} has not been started yet`
      if (outcome === 'changed' || outcome === 'ok') return `${name} is done: ${outcome}`
      const partner = rollout.busyPartner(name)
      return partner === undefined ? undefined : `its cluster partner ${partner} is under way`
    }
    case 'skip':
      return outcome === null ? undefined : `${name} has ended: ${outcome}`
    case 'restore':
      return steps.snapshot?.state === 'changed' || steps.snapshot?.state === 'ok'
        ? undefined
        : `nothing was changed on ${name}`
  }
}

/** The server's own restore, compare and swap; it refuses by itself while the job or the installer runs there. */
async function restoreNow({ rollout, input }: Servant, name: string): Promise<WishAnswer> {
  const { bus, playbook } = input
  const context = { emit: bus.emit, server: rollout.contacts.server(name) }
  try {
    const result = await rollout.contacts.ask(name, link =>
      link.call('Restore-ServerState', {
        Run: rollout.attemptIdOf(name),
        ServiceTimeoutSeconds: Math.ceil(playbook.services.startTimeoutMs / 1000),
      }),
    )
    for (const change of result.restored) await emitChange(context, 'restored', change)
    for (const change of result.stuck) await emitChange(context, 'stuck', change)
    await bus.emit({ type: 'service.state', server: name, ...result.services })
    if (result.stuck.length === 0) return { granted: true }
    return { granted: false, why: `${name}: ${result.stuck.length} settings could not be put back` }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const { message, hint } = errorInfo(error)
    return { granted: false, why: hint === undefined ? message : `${message}. ${hint}` }
  }
}
