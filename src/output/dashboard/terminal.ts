import { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import type { Size } from './scene.js'

/** A terminal to draw on: its size settles before anybody is told, and its scrollback is never wiped. */
export interface Terminal {
  /** For Ink: the real stream, but for what this file is about. */
  stream: WriteStream
  size(): Size
  /** Called when the size has settled, before Ink is. */
  onResize(listener: (size: Size) => void): void
  /** Called when nothing can be written any more: the window was closed. */
  onGone(listener: () => void): void
  close(): void
}

/** While a window is dragged, sizes come by the dozen. */
const settleMs = 50
/** Erases the screen and goes to its top, without the scrollback. */
const clearScreen = '\u001b[2J\u001b[H'
/** ED 3 (xterm): erase the scrollback. Ink sends it when a frame does not fit, as after a shrink. */
const eraseScrollback = '\u001b[3J'

export function isTerminal(stream: Writable): stream is WriteStream {
  return 'isTTY' in stream && stream.isTTY === true
}

export function openTerminal(real: WriteStream): Terminal {
  const emitter = new EventEmitter()
  const listeners: ((size: Size) => void)[] = []
  let size = sizeOf(real)
  let settling: NodeJS.Timeout | undefined

  const settle = () => {
    const next = sizeOf(real)
    if (next.columns === size.columns && next.rows === size.rows) return
    // What a shrunk terminal made of the old frame cannot be known, so it is wiped; a grown one has kept it.
    if (next.columns < size.columns || next.rows < size.rows) real.write(clearScreen)
    size = next
    for (const listener of listeners) listener(size)
    setImmediate(() => emitter.emit('resize'))
  }
  const resized = () => {
    clearTimeout(settling)
    settling = setTimeout(settle, settleMs)
  }
  real.on('resize', resized)

  const stream = new Proxy(real, {
    get(target, property) {
      switch (property) {
        case 'columns':
          return size.columns
        case 'rows':
          return size.rows
        case 'write':
          return (chunk: string, ...rest: (() => void)[]) =>
            target.write(chunk.replaceAll(eraseScrollback, ''), ...rest)
        case 'on':
        case 'off':
          return (event: string, listener: () => void) => {
            if (event === 'resize') emitter[property](event, listener)
            else target[property](event, listener)
            return stream
          }
        default: {
          const value: unknown = Reflect.get(target, property, target)
          return typeof value === 'function' ? value.bind(target) : value
        }
      }
    },
  })

  return {
    stream,
    size: () => size,
    onResize(listener) {
      listeners.push(listener)
    },
    onGone(listener) {
      // Stays: what is written after the dashboard, to a window that is closed, fails as well.
      real.on('error', listener)
    },
    close() {
      clearTimeout(settling)
      real.off('resize', resized)
    },
  }
}

/** A pty that nobody has given a size says 0x0. */
function sizeOf({ columns, rows }: WriteStream): Size {
  return { columns: columns || 80, rows: rows || 24 }
}
