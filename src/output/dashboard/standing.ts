import type { Standing } from './fleet.js'
import type { Glyphs } from './glyphs.js'
import type { Tone } from './theme.js'

/** How a standing looks: trust the sign first, then the word, then the colour. Capitals are for what needs somebody. */
export interface StandingLook {
  readonly word: string
  readonly tone: Tone
  readonly glyph: keyof Glyphs
}

export const standingLooks: Readonly<Record<Standing, StandingLook>> = {
  waiting: { word: 'waiting', tone: 'dim', glyph: 'waiting' },
  running: { word: 'running', tone: 'running', glyph: 'running' },
  changed: { word: 'changed', tone: 'done', glyph: 'done' },
  ok: { word: 'ok', tone: 'done', glyph: 'done' },
  skipped: { word: 'skipped', tone: 'dim', glyph: 'skipped' },
  failed: { word: 'FAILED', tone: 'failed', glyph: 'failed' },
  blocked: { word: 'BLOCKED', tone: 'blocked', glyph: 'blocked' },
  unreachable: { word: 'UNREACHABLE', tone: 'unreachable', glyph: 'unreachable' },
  unknown: { word: 'UNKNOWN', tone: 'unknown', glyph: 'unknown' },
}

/** In the order in which they are counted on the strip. */
export const standingOrder: readonly Standing[] = [
  'changed',
  'ok',
  'running',
  'waiting',
  'skipped',
  'failed',
  'blocked',
  'unreachable',
  'unknown',
]

/** The sign of a standing; that of `running` turns once a second. */
export function standingGlyph(standing: Standing, { glyphs, now }: { glyphs: Glyphs; now: number }): string {
  const sign = glyphs[standingLooks[standing].glyph]
  return typeof sign === 'string' ? sign : (sign[Math.floor(now / 1000) % sign.length] ?? '')
}
