import type { Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import { mostLineBytes } from './message.js'

/** Calls `take` with each line of JSON from a socket, one after the other; a line that is none, or too long, closes it. */
export function jsonLines(socket: Socket, take: (value: unknown) => void | Promise<void>): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  socket.on('data', chunk => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > mostLineBytes) return void socket.destroy()
    for (const line of lines) {
      let value: unknown
      try {
        value = JSON.parse(line)
      } catch {
        return void socket.destroy()
      }
      void take(value)
    }
  })
}
