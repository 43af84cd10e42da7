import type { Wish } from '../../events/wish.js'

/** What the operator looks at. Changed by `act` and `type` only; the model of the run is no part of it. */
export interface View {
  readonly pane: Pane
  /** Key of the row under the cursor, `server:NAME` or `group:ID`; null until a key moves it: the top row. It follows the row, not the place. */
  readonly cursor: string | null
  readonly filter: string
  readonly failedOnly: boolean
  readonly group: Grouping
  readonly sort: Sorting
  /** Which groups are open: as there is room, the active ones only, or all. */
  readonly opening: Opening
  /** What the operator folded (true) or opened (false) by hand; `opening` decides for the rest. */
  readonly folded: Readonly<Record<string, boolean>>
  /** Far batches each on a line of their own, though they would be joined for want of room. */
  readonly spread: boolean
  readonly marked: readonly string[]
  /** First line shown of the detail, the log or the help. */
  readonly scroll: number
  /** The log stays at its end. */
  readonly follow: boolean
  readonly wrap: boolean
  readonly search: string
  /** Text being typed. */
  readonly typing: { readonly what: 'filter' | 'search'; readonly text: string } | null
  readonly question: Question | null
  /** Ctrl-C was pressed once, though the runner may not have answered yet. */
  readonly interrupted: boolean
  /** The last word to the operator, until the next key. */
  readonly notice: string | null
}

export type Pane = 'list' | 'detail' | 'log' | 'help'
export type Grouping = 'batch' | 'role' | 'state'
export type Opening = 'auto' | 'active' | 'all'
export type Sorting = 'plan' | 'name' | 'elapsed'

/** Asked before a wish that names servers. */
export interface Question {
  readonly text: string
  readonly wishes: readonly Wish[]
}

export const groupings: readonly Grouping[] = ['batch', 'role', 'state']
export const openings: readonly Opening[] = ['auto', 'active', 'all']
export const sortings: readonly Sorting[] = ['plan', 'name', 'elapsed']

export function firstView(): View {
  return {
    pane: 'list',
    cursor: null,
    filter: '',
    failedOnly: false,
    group: 'batch',
    sort: 'plan',
    opening: 'auto',
    folded: {},
    spread: false,
    marked: [],
    scroll: 0,
    follow: true,
    wrap: false,
    search: '',
    typing: null,
    question: null,
    interrupted: false,
    notice: null,
  }
}

export const serverKey = (name: string) => `server:${name}`
export const groupKey = (id: string) => `group:${id}`
/** Begins the id of groups that share a line; the id of the first of them follows. */
export const joinedPrefix = 'joined-'

/** The server a key names; null for a group or nothing. */
export function serverOfKey(key: string | null): string | null {
  return key?.startsWith('server:') ? key.slice('server:'.length) : null
}

/** The id of the group a key names; null for a server or nothing. */
export function groupOfKey(key: string | null): string | null {
  return key?.startsWith('group:') ? key.slice('group:'.length) : null
}

/** The value after `value`, the first after the last. */
export function next<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value
}
