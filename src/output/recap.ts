import { absoluteBlocks } from '../events/absolute-blocks.js'
import { countOutcomes } from '../events/reduce.js'
import type { RunState, ServerState } from '../events/state.js'
import { fixFor } from './fix-for.js'
import { settingText } from './plain.js'
import { terminalText } from './terminal-text.js'

/**
 * What the run came to: a line per server as Ansible's recap, then every server that needs somebody with its cause and what to
 * do, then settings that could not be put back, then the run folder. This is what gets pasted into the ticket.
 */
export function recap(state: RunState, { folder }: { folder: string }): string {
  const servers = state.order.map(name => state.servers[name]).filter(server => server !== undefined)
  const width = Math.max(10, ...servers.map(server => server.name.length))
  const lines = ['', 'RUN RECAP '.padEnd(78, '*')]
  for (const server of servers) lines.push(recapLine(server, width))
  const attention = servers.filter(needsSomebody)
  if (attention.length > 0) lines.push('', 'NEEDS ATTENTION '.padEnd(78, '*'))
  for (const server of attention) lines.push(...attentionLines(server))
  const notEnded = servers.filter(({ outcome }) => outcome === null).length
  const counts = Object.entries({ ...countOutcomes(state), 'not ended': notEnded }).filter(([, count]) => count > 0)
  lines.push('', `${counts.map(([outcome, count]) => `${outcome} ${count}`).join(', ')}. Run folder: ${folder}`)
  return `${lines.map(terminalText).join('\n')}\n`
}

function recapLine(server: ServerState, width: number): string {
  const steps = Object.values(server.steps)
  const count = (state: string) => steps.filter(step => step.state === state).length
  const cells = (['ok', 'changed', 'failed', 'skipped', 'unknown'] as const).map(state =>
    `${state}=${count(state)}`.padEnd(11),
  )
  const why = [server.cause, server.note].filter(text => text !== null && text !== '').join(', ')
  return `${server.name.padEnd(width)} : ${cells.join('')}${(server.outcome ?? 'not ended').toUpperCase()}${why === '' ? '' : ` (${why})`}`
}

function needsSomebody(server: ServerState): boolean {
  return (
    !['changed', 'ok', 'skipped'].includes(server.outcome ?? 'unknown') ||
    Object.keys(server.stuck).length > 0 ||
    Object.keys(server.outstanding).length > 0
  )
}

function attentionLines(server: ServerState): string[] {
  const lines = [`${server.name}: ${server.outcome ?? 'not ended'}${server.cause === null ? '' : `, ${server.cause}`}`]
  for (const block of server.blocks.filter(({ allowed }) => !allowed)) {
    lines.push(`  ${block.message}`, `  cure: ${block.remedy}`)
    if (absoluteBlocks.has(block.block)) continue
    lines.push(`  or:   let it through with --allow ${block.block}@${server.name}`)
  }
  for (const [name, step] of Object.entries(server.steps)) {
    if (step.error === null || step.error.code === 'PRECHECK_BLOCKED') continue
    lines.push(`  ${name}: ${step.error.code} ${step.error.message}`)
    if (step.error.hint !== undefined) lines.push(`  try: ${step.error.hint}`)
  }
  const [best] = server.diagnoses
  if (best !== undefined && server.outcome !== 'changed') {
    lines.push(`  diagnosis: ${best.title} (${best.confidence})`)
    for (const { log, line, text } of best.evidence.slice(0, 3)) lines.push(`    ${log}:${line}: ${text.slice(0, 110)}`)
    for (const [index, step] of best.remedy.entries()) lines.push(`    ${index + 1}. ${step}`)
    const fix = fixFor(server, best)
    if (fix !== null) lines.push(`    fix: ${fix}`)
  }
  const stuck = Object.values(server.stuck)
  for (const setting of stuck) lines.push(`  STUCK ${settingText(setting)}`)
  if (stuck.length > 0) {
    lines.push(
      '  the guard on the server goes on trying; to see what holds it, and try now:',
      `    fix: exroll restore -i INVENTORY --limit ${server.name}`,
    )
  }
  for (const setting of Object.values(server.outstanding)) {
    if (server.stuck[`${setting.setting}/${setting.scope}`] !== undefined) continue
    lines.push(`  still changed: ${settingText(setting)}; the guard on the server puts it back`)
  }
  return lines
}
