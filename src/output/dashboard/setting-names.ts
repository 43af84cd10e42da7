import type { SettingFields } from '../../events/event.js'
import type { ServerState } from '../../events/state.js'
import { type Line, span } from './span.js'

/** Short names of settings, for a table. */
const shortNames: Record<string, string> = {
  crl: 'CRL',
  'server-certificate-revocation': 'CERT',
  'execution-policy': 'POLICY',
  'installer-logging': 'LOGGING',
  'start-type': 'START',
}

export function settingName(setting: string): string {
  return shortNames[setting] ?? setting.toUpperCase()
}

/** `CRL POLICY START 3`: what is changed on a server and not put back, stuck ones first and loud. */
export function settingsCell(server: ServerState): Line {
  const stuck = Object.entries(server.stuck)
  const out = Object.entries(server.outstanding).filter(([key]) => server.stuck[key] === undefined)
  const line = [
    ...(stuck.length === 0 ? [] : [span('STUCK', 'stuck'), span(` ${named(stuck)}`, 'failed')]),
    ...(out.length === 0 ? [] : [span(`${stuck.length === 0 ? '' : '  '}${named(out)}`, 'warning')]),
  ]
  return line.length === 0 ? [span('-', 'dim')] : line
}

function named(entries: [string, SettingFields][]): string {
  const counts = new Map<string, number>()
  for (const [, { setting }] of entries) counts.set(setting, (counts.get(setting) ?? 0) + 1)
  return [...counts]
    .map(([setting, count]) => (count === 1 ? settingName(setting) : `${settingName(setting)} ${count}`))
    .join(' ')
}
