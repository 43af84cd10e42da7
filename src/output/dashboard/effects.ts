import type { Wish } from '../../events/wish.js'
import type { Effect } from './act.js'
import type { DashboardEnd } from './closing.js'
import type { DashboardInput } from './dashboard-input.js'
import { readPulledLog } from './pulled-log.js'
import type { Viewer } from './viewer.js'

export interface EffectContext {
  input: DashboardInput
  viewer: Viewer
  end: (end: DashboardEnd) => void
}

/** Does what a key asked for beside changing the view. */
export function carryOut(effect: Effect, { input, viewer, end }: EffectContext): void {
  switch (effect.do) {
    case 'ask':
      if (effect.wish.action === 'leave') {
        // Left when the runner knows, as it has to end too; one that does not answer is not waited for.
        void Promise.race([ask(effect.wish, input, viewer), passed(leaveMs)]).then(() => end('left'))
      } else void ask(effect.wish, input, viewer)
      return
    case 'detach':
      end(viewer.model().run.finished === null ? 'detached' : 'finished')
      return
  }
}

const leaveMs = 2000

function passed(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms).unref()
  })
}

async function ask(wish: Wish, { control }: DashboardInput, viewer: Viewer): Promise<void> {
  if (control === null) return
  try {
    viewer.takeAnswer(wish, await control.ask(wish))
  } catch (error) {
    viewer.takeAnswer(wish, { granted: false, why: error instanceof Error ? error.message : String(error) })
  }
}

/** Puts the log that was pulled from a server into the view, if there is one. */
export async function showPulledLog(server: string, { folder }: DashboardInput, viewer: Viewer): Promise<void> {
  try {
    const log = await readPulledLog(folder, server)
    if (log !== null) viewer.takePulledLog(server, log)
  } catch (error) {
    const text = `The pulled log cannot be read: ${error instanceof Error ? error.message : String(error)}`
    viewer.takePulledLog(server, { path: folder, lines: [{ log: server, line: 0, text }] })
  }
}
