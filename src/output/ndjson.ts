import type { Writable } from 'node:stream'
import type { Listener } from '../events/bus.js'
import { encodeEvent } from '../events/codec.js'

/** Every event as one JSON line, `log.line` included. */
export function ndjsonOutput(stream: Writable): Listener {
  return event => {
    stream.write(encodeEvent(event))
  }
}
