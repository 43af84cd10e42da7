import type { RunEvent, RunEventBody } from '../events/event.js'

type SettingEvent = Extract<RunEventBody, { setting: unknown }>

/** Which changes of settings a run has told of already, by server. */
export interface Told {
  note(event: RunEvent): void
  /** A copy for one more look at the job of this attempt, which begins at the start of the server's journal. */
  of(server: string, attempt: number): ToldOnce
}

/** Takes what was told off the list: the same change made a second time is told again. */
export interface ToldOnce {
  take(event: SettingEvent): boolean
}

/**
 * The job's journal on a server is read from its start after an interruption, also the part that an earlier process turned into events. A
 * change that is in the run's journal once must not get in a second time.
 */
export function createTold(): Told {
  const told = new Map<string, { attempt: number; changes: string[] }>()
  return {
    note(event) {
      if (event.type === 'step.started' && event.step === 'settings-on') {
        if (told.get(event.server)?.attempt !== event.attempt) {
          told.set(event.server, { attempt: event.attempt, changes: [] })
        }
      }
      if (isChange(event)) told.get(event.server)?.changes.push(textOf(event))
    },
    of(server, attempt) {
      const known = told.get(server)
      const left = known?.attempt === attempt ? [...known.changes] : []
      return {
        take(event) {
          const at = left.indexOf(textOf(event))
          if (at < 0) return false
          left.splice(at, 1)
          return true
        },
      }
    },
  }
}

function isChange(event: RunEvent): event is RunEvent & SettingEvent {
  return event.type === 'setting.changed' || event.type === 'setting.restored' || event.type === 'setting.stuck'
}

function textOf({ type, setting, scope, from, to }: SettingEvent): string {
  return JSON.stringify([type, setting, scope, from, to])
}
