import type { RunEvent } from '../events/event.js'

/** Lines of a log that a viewer gets which begins to look: about what fits its pane. */
const mostLines = 60

/** The newest `log.line` events of each server that is under way; no journal holds them. */
export interface LogTails {
  take(event: RunEvent): void
  of(server: string): readonly RunEvent[]
}

export function createLogTails(): LogTails {
  const tails = new Map<string, RunEvent[]>()
  return {
    take(event) {
      // From here on the whole log is in the run folder.
      if (event.type === 'server.finished') tails.delete(event.server)
      if (event.type !== 'log.line') return
      const tail = tails.get(event.server) ?? []
      tails.set(event.server, tail)
      if (tail.push(event) > mostLines) tail.shift()
    },
    of: server => tails.get(server) ?? [],
  }
}
