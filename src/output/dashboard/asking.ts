import type { Wish } from '../../events/wish.js'
import type { FrameFacts } from './frame.js'
import type { Question, View } from './view.js'

/** What is asked before wishes that name servers: the marked ones, else the one under the cursor. */
export function questionFor(
  action: 'retry' | 'skip' | 'restore',
  { marked: names }: View,
  { about }: FrameFacts,
): Question | null {
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

/** What a press of Ctrl-C asks for. */
export type Interruption = { wish: Wish | null; notice: string }

/** The first Ctrl-C asks to stop, the second leaves. Somebody else may have stopped the run: that does not make the first a second. */
export function interruption(view: View, { stopping }: FrameFacts): Interruption {
  if (view.interrupted) return { wish: { action: 'leave' }, notice: 'leaving' }
  if (stopping) return { wish: null, notice: 'the run is stopping already; Ctrl-C again leaves at once' }
  return { wish: { action: 'abort' }, notice: stoppingNotice }
}

export const stoppingNotice = 'asked to stop: what was started is finished; Ctrl-C leaves at once'
