import type { Wish } from '../../events/wish.js'
import { interruption, questionFor, stoppingNotice } from './asking.js'
import type { Command } from './bindings.js'
import type { FrameFacts } from './frame.js'
import { logPath, nextMatch } from './log-search.js'
import type { Model } from './model.js'
import { closed, foldedAll, marked, moved, opened } from './moving.js'
import { groupings, next, type Sorting, sortings, type View } from './view.js'

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
  const ask = (wish: Wish, notice: string, change: Partial<View> = {}): Acted => ({
    view: { ...view, ...change, notice },
    effects: [{ do: 'ask', wish }],
  })
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
      return seen(opened(view, facts))
    case 'close':
      return seen(closed(view, facts))
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
      return ask({ action: 'abort' }, stoppingNotice, { interrupted: true })
    case 'interrupt':
      return interrupted(view, facts)
    case 'retry':
    case 'skip':
    case 'restore':
      return seen(asked(command, view, facts))
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

function asked(command: 'retry' | 'skip' | 'restore', view: View, facts: FrameFacts): Partial<View> {
  const question = questionFor(command, view, facts)
  return question === null
    ? { notice: `${command}: no server here; move to one, or mark some with the space bar` }
    : { question }
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

function accepted(view: View, facts: FrameFacts, model: Model): Partial<View> {
  if (view.typing === null) return {}
  const { what, text } = view.typing
  if (what === 'filter') return { typing: null, filter: text, cursor: null }
  return { typing: null, search: text, ...nextMatch({ ...view, search: text }, facts, model) }
}

/** Who may only look, or has seen the end, leaves with the first Ctrl-C. */
function interrupted(view: View, facts: FrameFacts): Acted {
  if (!facts.control || facts.ended) return { view, effects: [{ do: 'detach' }] }
  const { wish, notice } = interruption(view, facts)
  return {
    view: { ...view, interrupted: true, question: null, typing: null, notice },
    effects: wish === null ? [] : [{ do: 'ask', wish }],
  }
}
