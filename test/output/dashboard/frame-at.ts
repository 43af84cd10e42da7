import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEvents } from '../../../src/events/codec.js'
import type { RunEvent } from '../../../src/events/event.js'
import type { Frame } from '../../../src/output/dashboard/frame.js'
import { asciiGlyphs, unicodeGlyphs } from '../../../src/output/dashboard/glyphs.js'
import { layout } from '../../../src/output/dashboard/layout.js'
import type { Model } from '../../../src/output/dashboard/model.js'
import { createObserver } from '../../../src/output/dashboard/observer.js'
import type { Scene, Size } from '../../../src/output/dashboard/scene.js'
import { plainLine } from '../../../src/output/dashboard/span.js'
import { firstView, type View } from '../../../src/output/dashboard/view.js'

/** The journal of a real run over the lab: 24 servers, nine of them with a fault. */
export function recordedJournal(): RunEvent[] {
  return decodeEvents(readFileSync(join(import.meta.dirname, 'journals', 'lab-24.ndjson'), 'utf8')).events
}

export function modelOf(events: readonly RunEvent[]): Model {
  const observer = createObserver()
  observer.take(events)
  return observer.model()
}

export interface FrameAt {
  events: readonly RunEvent[]
  size: Size
  view?: Partial<View>
  ascii?: boolean
  control?: boolean
}

export function sceneOf({ events, view = {}, ascii = false, control = true }: Omit<FrameAt, 'size'>): Scene {
  return {
    model: modelOf(events),
    view: { ...firstView(), ...view },
    now: Date.parse(events.at(-1)?.at ?? '2026-11-23T21:00:00.000Z'),
    glyphs: ascii ? asciiGlyphs : unicodeGlyphs,
    control,
  }
}

/** A whole screen of the dashboard, at the moment of the last event. */
export function frameAt({ size, ...scene }: FrameAt): Frame {
  return layout(sceneOf(scene), size)
}

/** What is read on the screen. */
export function screenOf(frame: Frame): string {
  return `${frame.lines.map(line => plainLine(line).trimEnd()).join('\n')}\n`
}
