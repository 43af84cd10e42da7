import type { RunEvent } from '../../events/event.js'
import { settingText } from '../plain.js'
import type { Activity } from './model.js'
import type { Tone } from './theme.js'

/** The line that the foot of the dashboard shows for an event; null for what the table shows already. */
export function activityOf(event: RunEvent): Activity | null {
  const line = (server: string | null, text: string, tone: Tone = 'plain'): Activity => ({
    at: event.at,
    server,
    text,
    tone,
    passing: event.type === 'step.progress',
  })
  switch (event.type) {
    case 'step.progress':
      return line(event.server, `${event.step}: ${event.note}`, 'dim')
    case 'step.finished':
      if (event.error !== undefined)
        return line(event.server, `${event.step}: ${event.error.code} ${event.error.message}`, 'failed')
      return event.note === undefined
        ? null
        : line(event.server, `${event.step} ${event.outcome}: ${event.note}`, 'dim')
    case 'setting.changed':
      return line(event.server, `changed ${settingText(event)}`, 'warning')
    case 'setting.restored':
      return line(event.server, `restored ${settingText(event)}`)
    case 'setting.stuck':
      return line(event.server, `STUCK ${settingText(event)}`, 'failed')
    case 'precheck.blocked':
      return line(
        event.server,
        `${event.allowed ? 'let through' : 'BLOCKED'} ${event.block}: ${event.message}`,
        'warning',
      )
    case 'diagnosis.made':
      return line(event.server, `${event.id}: ${event.title}`, 'failed')
    case 'server.finished':
      return line(event.server, event.cause === undefined ? event.outcome : `${event.outcome}: ${event.cause}`)
    case 'batch.started':
      return line(null, `batch ${event.batch} started: ${event.servers.length} servers`)
    case 'batch.finished':
      return line(null, `batch ${event.batch} finished`)
    case 'control.taken':
      return line(event.server ?? null, `${event.action} asked for by ${event.by}`, 'strong')
    case 'run.finished':
      return line(null, `run finished: ${event.outcome}, exit code ${event.exitCode}`, 'strong')
    default:
      return null
  }
}
