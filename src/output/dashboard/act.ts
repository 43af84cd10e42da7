import type { Wish } from '../../events/wish.js'
import type { Command } from './keys.js'
import type { FrameFacts } from './layout.js'
import { findInLog, logOf } from './log-lines.js'
import type { Model } from './model.js'
import {
  groupings,
  groupKey,
  groupOfKey,
  joinedPrefix,
  type Opening,
  openings,
  type Sorting,
  serverOfKey,
  sortings,
  type View,
} from './view.js'

/** What the dashboard does beside changing what is seen. */
export type Effect = { do: 'ask'; wish: Wish } | { do: 'detach' }

export interface Acted {
  view: View
  effects: readonly Effect[]
}

export interface ActInput {
  /** Of the frame the operator was looking at. */
  facts: FrameFacts
  model: Model
}

/** What a command does to the view, and what it asks for. Pure. */
export function act(before: View, command: Command, { facts, model }: ActInput): Acted {
  const view = before.notice === null ? before : { ...before, notice: null }
  const seen = (change: Partial<View>): Acted => ({ view: { ...view, ...change }, effects: [] })
  const ask = (wish: Wish, notice: string): Acted => ({ view: { ...view, notice }, effects: [{ do: 'ask', wish }] })
  switch (command) {
    case 'up':
      return seen(moved(view, facts, -1))
    case 'down':
      return seen(moved(view, facts, 1))
    case 'page-up':
      return seen(moved(view, facts, -facts.page))
    case 'page-down':
      return seen(moved(view, facts, facts.page))
    case 'first':
      return seen(moved(view, facts, Number.NEGATIVE_INFINITY))
    case 'last':
      return seen(view.pane === 'log' ? { follow: true } : moved(view, facts, Number.POSITIVE_INFINITY))
    case 'open':
      return opened(view, facts, seen)
    case 'close':
      return closed(view, facts)
    case 'log':
      return seen({ pane: 'log', cursor: facts.cursor, scroll: 0, follow: true, search: '' })
    case 'help':
      return seen({ pane: view.pane === 'help' ? 'list' : 'help', scroll: 0 })
    case 'mark':
      return seen(marked(view, facts))
    case 'filter':
      return seen({ typing: { what: 'filter', text: view.filter } })
    case 'search':
      return seen({ typing: { what: 'search', text: '' } })
    case 'next-match':
      return seen(nextMatch(view, facts, model))
    case 'erase':
      return seen(
        view.typing === null ? {} : { typing: { ...view.typing, text: [...view.typing.text].slice(0, -1).join('') } },
      )
    case 'accept':
      return seen(accepted(view, facts, model))
    case 'cancel':
      return seen({ typing: null })
    case 'failed-only':
      return seen({ failedOnly: !view.failedOnly, cursor: null })
    case 'fold':
      return seen(foldedAll(view))
    case 'group':
      return seen({
        group: next(groupings, view.group),
        folded: {},
        cursor: null,
        notice: `grouped by ${next(groupings, view.group)}`,
      })
    case 'sort': {
      const sort: Sorting = next(sortings, view.sort)
      return seen({ sort, notice: `sorted by ${sort === 'plan' ? 'the order of the plan' : sort}` })
    }
    case 'follow':
      return seen({ follow: !view.follow, scroll: facts.lastScroll })
    case 'wrap':
      return seen({ wrap: !view.wrap })
    case 'log-path':
      return seen({ notice: logPath(facts, model) })
    case 'pause':
      return facts.paused
        ? ask({ action: 'resume' }, 'asked to go on')
        : ask({ action: 'pause' }, 'asked to pause: what runs goes on, nothing new starts')
    case 'abort':
      return ask({ action: 'abort' }, stopping)
    case 'interrupt':
      return interrupted(view, facts, ask)
    case 'retry':
    case 'skip':
    case 'restore':
      return seen({ question: questionFor(command, view, facts) })
    case 'yes':
      return {
        view: { ...view, question: null, marked: [] },
        effects: (view.question?.wishes ?? []).map(wish => ({ do: 'ask', wish })),
      }
    case 'no':
      return seen({ question: null })
    case 'detach':
      return { view, effects: [{ do: 'detach' }] }
  }
}

/** Text that was typed into the filter or the search; a filter works while it is typed. */
export function type(view: View, text: string): View {
  if (view.typing === null) return view
  const typed = view.typing.text + text
  return { ...view, typing: { ...view.typing, text: typed } }
}

/** The view that the list is drawn with: a filter that is being typed holds already. */
export function withTyped(view: View): View {
  return view.typing?.what === 'filter' ? { ...view, filter: view.typing.text } : view
}

const stopping = 'asked to stop: what was started is finished; Ctrl-C leaves at once'

function moved(view: View, { rows, cursor, lastScroll }: FrameFacts, by: number): Partial<View> {
  if (view.pane !== 'list') {
    const from = view.pane === 'log' && view.follow ? lastScroll : Math.min(view.scroll, lastScroll)
    const scroll = clamp(from + by, 0, lastScroll)
    return { scroll, follow: view.pane === 'log' && scroll === lastScroll && by > 0 }
  }
  const at = cursor === null ? 0 : rows.indexOf(cursor)
  return { cursor: rows[clamp(at + by, 0, rows.length - 1)] ?? null }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}

function opened(view: View, { cursor, open }: FrameFacts, seen: (change: Partial<View>) => Acted): Acted {
  const server = serverOfKey(cursor)
  if (server !== null) return seen({ pane: 'detail', cursor, scroll: 0 })
  const group = groupOfKey(cursor)
  if (group === null) return seen({})
  if (group.startsWith(joinedPrefix)) return seen({ spread: true, cursor: groupKey(group.slice(joinedPrefix.length)) })
  return seen({ cursor, folded: { ...view.folded, [group]: open.includes(group) } })
}

/** Back out, one thing at a time: the pane, the marks, the filter, the fold. */
function closed(view: View, { cursor }: FrameFacts): Acted {
  const group = groupOfKey(cursor)
  if (view.pane !== 'list') return { view: { ...view, pane: 'list', scroll: 0, search: '' }, effects: [] }
  const change: Partial<View> =
    view.marked.length > 0
      ? { marked: [] }
      : view.filter !== '' || view.failedOnly
        ? { filter: '', failedOnly: false }
        : view.spread
          ? { spread: false }
          : group === null
            ? {}
            : { folded: { ...view.folded, [group]: true } }
  return { view: { ...view, ...change }, effects: [] }
}

function marked(view: View, facts: FrameFacts): Partial<View> {
  const server = serverOfKey(facts.cursor)
  if (server === null) return {}
  const without = view.marked.filter(name => name !== server)
  return {
    marked: without.length === view.marked.length ? [...view.marked, server] : without,
    ...moved({ ...view, cursor: facts.cursor }, facts, 1),
  }
}

const openingWords: Record<Opening, string> = {
  auto: 'groups are open as there is room',
  active: 'all but the active groups are folded',
  all: 'all groups are open',
}

function foldedAll({ opening }: View): Partial<View> {
  const then = next(openings, opening)
  return { opening: then, folded: {}, notice: openingWords[then] }
}

function accepted(view: View, facts: FrameFacts, model: Model): Partial<View> {
  if (view.typing === null) return {}
  const { what, text } = view.typing
  if (what === 'filter') return { typing: null, filter: text, cursor: null }
  return { typing: null, search: text, ...nextMatch({ ...view, search: text }, facts, model) }
}

function nextMatch(view: View, { about }: FrameFacts, model: Model): Partial<View> {
  if (about === null || view.search === '') return {}
  const found = findInLog(logOf(model, about), view.search, view.follow ? 0 : view.scroll + 1)
  return found === -1
    ? { notice: `"${view.search}" is not in what is kept of this log` }
    : { scroll: found, follow: false }
}

function logPath({ about }: FrameFacts, { pulled }: Model): string {
  const log = about === null ? undefined : pulled.get(about)
  return log === undefined ? 'the log has not been pulled yet' : log.path
}

/** The first asks to stop, the second leaves. Who may only look, leaves with the first. */
function interrupted(view: View, facts: FrameFacts, ask: (wish: Wish, notice: string) => Acted): Acted {
  if (!facts.control || facts.ended) return { view, effects: [{ do: 'detach' }] }
  if (facts.stopping || view.interrupted) return { view, effects: [{ do: 'ask', wish: { action: 'leave' } }] }
  const asked = ask({ action: 'abort' }, stopping)
  return { ...asked, view: { ...asked.view, interrupted: true, question: null, typing: null } }
}

function questionFor(
  action: 'retry' | 'skip' | 'restore',
  { marked: names }: View,
  { about }: FrameFacts,
): View['question'] {
  const servers = names.length > 0 ? names : about === null ? [] : [about]
  if (servers.length === 0) return null
  const whom = servers.length <= 3 ? servers.join(', ') : `${servers.length} marked servers`
  const text = {
    retry: `Take ${whom} up again from the failed step?`,
    skip: `Leave ${whom} out of this run?`,
    restore: `Put changed settings of ${whom} back now?`,
  }[action]
  return { text, wishes: servers.map(server => ({ action, server })) }
}

function next<T>(values: readonly T[], value: T): T {
  return values[(values.indexOf(value) + 1) % values.length] ?? value
}
