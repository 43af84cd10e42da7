import type { EventBus } from './bus.js'
import type { RunEvent } from './event.js'
import { emptyState, reduce } from './reduce.js'
import type { RunState } from './state.js'

/** The state of a run as of now: of the events that were before, and of those that come over the bus. */
export function followState(bus: EventBus, before: readonly RunEvent[] = []): () => RunState {
  let state = before.reduce(reduce, emptyState())
  bus.listen(event => {
    state = reduce(state, event)
  })
  return () => state
}
