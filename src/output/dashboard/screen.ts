import type { ReadStream, WriteStream } from 'node:tty'
import { Box, render, Text, useInput } from 'ink'
import { createElement, type ReactElement, useSyncExternalStore } from 'react'
import { keyNames } from './key-name.js'

/** The lines that are on the screen, outside React: React is told when there are new ones. */
export interface FrameStore {
  lines(): readonly string[]
  subscribe(listener: () => void): () => void
}

export interface Screen {
  /** Draws no more and gives the keyboard back. */
  close(): void
  /** Rejects when drawing failed. */
  ended: Promise<unknown>
}

export interface ScreenInput {
  frames: FrameStore
  stdin: ReadStream
  stream: WriteStream
  onKey: (name: string) => void
}

/** The one file that knows Ink: it puts painted lines on a terminal and tells of keys. */
export function openScreen({ frames, stdin, stream, onKey }: ScreenInput): Screen {
  const instance = render(createElement(Lines, { frames, onKey }), {
    stdin,
    stdout: stream,
    stderr: stream,
    exitOnCtrlC: false,
    patchConsole: false,
    isScreenReaderEnabled: false,
    maxFps: 30,
  })
  return { close: () => instance.unmount(), ended: instance.waitUntilExit() }
}

function Lines({ frames, onKey }: Pick<ScreenInput, 'frames' | 'onKey'>): ReactElement {
  const lines = useSyncExternalStore(frames.subscribe, frames.lines)
  useInput((input, key) => {
    for (const name of keyNames(input, key)) onKey(name)
  })
  const rows = lines.map((line, index) =>
    // An empty text would take no line. Rows have no identity but their place.
    createElement(Text, { key: index, wrap: 'truncate-end' }, line === '' ? ' ' : line),
  )
  return createElement(Box, { flexDirection: 'column' }, rows)
}
