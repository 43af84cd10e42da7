import type { RunEvent } from './event.js'

/** One journal line, LF included. */
export function encodeEvent(event: RunEvent): string {
  return `${JSON.stringify(event)}\n`
}

/**
 * Journal text to events. A last line without its LF is what a killed writer leaves behind: it is dropped and counted in
 * `torn`. Throws `SyntaxError` for damage anywhere else.
 */
export function decodeEvents(text: string): { events: RunEvent[]; torn: number } {
  const lines = text.split('\n')
  const tail = lines.pop() ?? ''
  const events = lines.filter(line => line !== '').map(line => JSON.parse(line) as RunEvent)
  return { events, torn: tail === '' ? 0 : 1 }
}
