import type { ErrorInfo } from '../errors.js'
import { settingText } from '../output/plain.js'
import { terminalText } from '../output/terminal-text.js'
import { isAsBefore, type RestorePlan } from './restore-plan.js'
import type { RestoreOutcome } from './restore-server.js'

/** What is to be put back on one server, line by line. Safe for a terminal. */
export function planLines(plan: RestorePlan): string[] {
  const { server, runs, defaults, offered, leftoverState } = plan
  if (offered > 0) {
    const left = `${server.name}: no run of exroll left anything`
    const services = offered === 1 ? '1 service is' : `${offered} services are`
    return [`${left}; ${services} Disabled as a broken patch leaves them`, '  try: --from-defaults'].map(terminalText)
  }
  if (isAsBefore(plan) && defaults.leftAlone.length === 0) return [`${server.name}: as before, nothing to put back`]
  const lines = [`${server.name}:`]
  for (const { run, armed, busy, outstanding, down } of runs) {
    lines.push(`  run ${run}${armed ? ', its guard is armed' : ''}${busy === '' ? '' : `; not now: ${busy}`}`)
    for (const change of outstanding) lines.push(`    ${settingText(change)}`)
    if (down.length > 0) lines.push(`    start: ${down.join(', ')}`)
    if (outstanding.length === 0 && down.length === 0) lines.push('    all is as before; take its guard away')
  }
  if (defaults.changes.length > 0) lines.push("  from the product's defaults")
  for (const change of defaults.changes) {
    lines.push(`    ${settingText(change)}, ${change.to.startsWith('Automatic') ? 'and started' : 'not started'}`)
  }
  for (const path of leftoverState) lines.push(`    set aside ${path}`)
  for (const [why, names] of byReason(defaults.leftAlone)) {
    lines.push(`  left alone: ${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} Disabled (${why})`)
  }
  return lines.map(terminalText)
}

function byReason(leftAlone: RestorePlan['defaults']['leftAlone']): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const { name, why } of leftAlone) names.set(why, [...(names.get(why) ?? []), name])
  return names
}

/** What came of it on one server. Safe for a terminal. */
export function outcomeLines(name: string, { restored, stuck, foreign, down, moved, notes }: RestoreOutcome): string[] {
  const lines = [
    `${name}: ${stuck.length > 0 ? 'STUCK' : down.length > 0 || notes.length > 0 ? 'NOT ALL' : 'as before'}`,
  ]
  for (const change of restored) lines.push(`  put back ${settingText(change)}`)
  for (const path of moved) lines.push(`  set aside as ${path}`)
  for (const change of stuck)
    lines.push(`  STUCK ${settingText(change)}: the server refuses it; find out who holds it, then ask again`)
  for (const change of foreign) lines.push(`  left ${settingText(change)}: somebody else has changed it since`)
  if (down.length > 0) lines.push(`  DOWN ${down.join(', ')}: look at the System event log`)
  for (const note of notes) lines.push(`  ${note}`)
  return lines.map(terminalText)
}

/** A server that could not be asked or put right. Safe for a terminal. */
export function errorLines(name: string, { code, message, hint }: ErrorInfo): string[] {
  return [`${name}: ${code} ${message}`, ...(hint === undefined ? [] : [`  try: ${hint}`])].map(terminalText)
}
