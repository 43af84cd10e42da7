import type { FrameFacts } from './frame.js'
import { findInLog, logOf } from './log-lines.js'
import type { Model } from './model.js'
import type { View } from './view.js'

/** The next place in the log that holds what is searched for. */
export function nextMatch(view: View, { about }: FrameFacts, model: Model): Partial<View> {
  if (about === null || view.search === '') return {}
  const found = findInLog(logOf(model, about), view.search, view.follow ? 0 : view.scroll + 1)
  return found === -1
    ? { notice: `"${view.search}" is not in what is kept of this log` }
    : { scroll: found, follow: false }
}

/** Where the operator finds the log. */
export function logPath({ about }: FrameFacts, { pulled }: Model): string {
  const log = about === null ? undefined : pulled.get(about)
  return log === undefined ? 'the log has not been pulled yet' : log.path
}
