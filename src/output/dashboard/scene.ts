import type { Glyphs } from './glyphs.js'
import type { Model } from './model.js'
import type { View } from './view.js'

/** All that a frame is made of, but for its size. */
export interface Scene {
  readonly model: Model
  readonly view: View
  /** Epoch milliseconds. */
  readonly now: number
  readonly glyphs: Glyphs
  /** Wishes can be asked: keys for them are shown. */
  readonly control: boolean
}

/** Characters of the terminal. */
export interface Size {
  readonly columns: number
  readonly rows: number
}
