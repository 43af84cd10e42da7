import type { Writable } from 'node:stream'
import type { Listener } from '../events/bus.js'
import { encodeEvent } from '../events/codec.js'
import { escapedJson } from './terminal-text.js'

/** Every event as one JSON line, `log.line` included: safe for a terminal, as nothing says that it goes to a file. */
export function ndjsonOutput(stream: Writable): Listener {
  return event => {
    stream.write(escapedJson(encodeEvent(event)))
  }
}
