import { absoluteBlocks } from '../events/absolute-blocks.js'
import type { RunState, ServerState } from '../events/state.js'
import { terminalText } from './terminal-text.js'

/** What would happen to one server, a line each, as a dry run foretells it. */
export interface ForecastLines {
  lines: { step: string; sure: string; text: string }[]
}

/**
 * A dry run as text: server by server in the order of the plan, each step with how sure it is, and for a server that would not be
 * patched why, and what cures it.
 */
export function dryRunReport(state: RunState, forecasts: ReadonlyMap<string, ForecastLines>): string {
  const lines = ['', 'DRY RUN '.padEnd(78, '*'), 'Nothing was changed on any server.']
  let batch = 0
  for (const name of state.order) {
    const server = state.servers[name]
    if (server === undefined) continue
    if (server.batch !== batch) {
      batch = server.batch
      lines.push('', `batch ${batch}`)
    }
    lines.push(...serverLines(server, forecasts.get(name)))
  }
  const servers = Object.values(state.servers)
  const count = (outcome: string) => servers.filter(server => server.outcome === outcome).length
  lines.push(
    '',
    `${count('changed')} would be patched, ${count('ok')} are current, ${count('blocked')} would be blocked, ${count('unreachable')} cannot be reached.`,
  )
  return `${lines.map(terminalText).join('\n')}\n`
}

function serverLines(server: ServerState, forecast: ForecastLines | undefined): string[] {
  const facts = server.steps.facts?.note ?? ''
  const head = `  ${server.name} (${server.roles.join(', ')})${facts === '' ? '' : ` ${facts}`}`
  switch (server.outcome) {
    case 'changed':
      return [
        `${head}: would be patched`,
        ...allowed(server),
        ...(forecast?.lines ?? []).flatMap(({ step, sure, text }) =>
          wrapped(`    ${step.padEnd(17)}${text}  [${sure}]`, 21),
        ),
      ]
    case 'ok':
      return [`${head}: nothing to do, ${server.note ?? ''}`]
    case 'blocked':
      return [
        `${head}: WOULD BE BLOCKED`,
        ...server.blocks
          .filter(block => !block.allowed)
          .flatMap(block => [
            ...wrapped(`    ${block.block}: ${block.message}`, 6),
            ...wrapped(`      cure: ${block.remedy}`, 12),
            ...(absoluteBlocks.has(block.block) ? [] : [`      or:   --allow ${block.block}@${server.name}`]),
          ]),
      ]
    default: {
      const failed = Object.values(server.steps).find(step => step.error !== null)?.error
      return [
        `${head}: ${(server.outcome ?? 'not asked').toUpperCase()}`,
        ...(failed === undefined || failed === null ? [] : wrapped(`    ${failed.code}: ${failed.message}`, 6)),
        ...(failed?.hint === undefined ? [] : wrapped(`      try: ${failed.hint}`, 11)),
      ]
    }
  }
}

function allowed(server: ServerState): string[] {
  return server.blocks
    .filter(block => block.allowed)
    .flatMap(block => wrapped(`    let through: ${block.block}: ${block.message}`, 6))
}

/** At most 80 columns; what goes on is indented. */
function wrapped(text: string, indent: number): string[] {
  const lines: string[] = []
  let line = ''
  const [lead = ''] = text.match(/^ */) ?? []
  for (const word of text.trim().split(/(?<=\S) (?=\S)/)) {
    const start = lines.length === 0 ? lead : ' '.repeat(indent)
    if (line === '') line = start + word
    else if (line.length + 1 + word.length <= 80) line += ` ${word}`
    else {
      lines.push(line)
      line = ' '.repeat(indent) + word
    }
  }
  return line === '' ? lines : [...lines, line]
}
