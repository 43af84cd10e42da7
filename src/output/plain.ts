import type { Writable } from 'node:stream'
import type { Listener } from '../events/bus.js'
import type { RunEvent, SettingFields, SettingName, SettingValue } from '../events/event.js'
import { emptyState, reduce } from '../events/reduce.js'
import type { RunState } from '../events/state.js'
import { terminalText } from './terminal-text.js'

/** Progress is told again at the earliest after this time, per server, so that a log stays readable. */
const progressEveryMs = 30_000

/** One line for each change of state, grep-able, without colour or cursor movement. Times are the operator's local ones. `before`: events of an earlier process, known but not told again. */
export function plainOutput(stream: Writable, before: readonly RunEvent[] = []): Listener {
  let state = before.reduce(reduce, emptyState())
  const lastProgress = new Map<string, number>()
  return event => {
    state = reduce(state, event)
    if (event.type === 'step.progress') {
      const key = `${event.server} ${event.step}`
      const at = Date.parse(event.at)
      if (at - (lastProgress.get(key) ?? Number.NEGATIVE_INFINITY) < progressEveryMs) return
      lastProgress.set(key, at)
    }
    for (const line of linesOf(event, state)) stream.write(`${clock(event.at)} ${terminalText(line)}\n`)
  }
}

function linesOf(event: RunEvent, state: RunState): string[] {
  switch (event.type) {
    case 'run.started':
      return [`run ${event.run}: ${state.title}, ${event.servers.length} servers in ${batchCount(state)} batches`]
    case 'batch.started':
      return [`batch ${event.batch}/${batchCount(state)} started: ${event.servers.join(', ')}`]
    case 'batch.finished':
      return [`batch ${event.batch}/${batchCount(state)} finished`]
    case 'step.started':
      return []
    case 'step.progress':
      return [`${place(event.server, state)} ${event.step}: ${event.note}`]
    case 'step.finished': {
      const note = event.note === undefined ? '' : `  ${event.note}`
      if (event.error === undefined)
        return [`${place(event.server, state)} ${event.step} ${word(event.outcome)}${note}`]
      const lines = [
        `${place(event.server, state)} ${event.step} ${word(event.outcome)} ${event.error.code}: ${event.error.message}`,
      ]
      if (event.error.hint !== undefined) lines.push(`${place(event.server, state)}   try: ${event.error.hint}`)
      return lines
    }
    case 'setting.changed':
    case 'setting.restored':
      return [`${place(event.server, state)} ${event.type} ${settingText(event)}`]
    case 'setting.stuck':
      return [`${place(event.server, state)} SETTING STUCK ${settingText(event)}: could not be put back`]
    case 'setting.predicted':
      return [`${place(event.server, state)} would change ${settingText(event)}`]
    case 'service.state':
      return event.down.length === 0
        ? []
        : [
            `${place(event.server, state)} services ${event.running}/${event.expected} running, down: ${event.down.join(', ')}`,
          ]
    case 'precheck.blocked':
      return event.allowed
        ? [`${place(event.server, state)} let through: ${event.block}: ${event.message}`]
        : [
            `${place(event.server, state)} BLOCKED ${event.block}: ${event.message}`,
            `${place(event.server, state)}   cure: ${event.remedy}`,
          ]
    case 'diagnosis.made':
      return [`${place(event.server, state)} diagnosis ${event.id} (${event.confidence}): ${event.title}`]
    case 'server.finished': {
      const why = reasonOf(event)
      return [`${place(event.server, state)} ${word(event.outcome)}${why === '' ? '' : ` (${why})`}`]
    }
    case 'control.taken':
      return event.action === 'pause' && event.by.startsWith('playbook')
        ? [`waiting for approval before the next batch. Go on with: exroll approve ${event.run}`]
        : [`${event.action}${event.server === undefined ? '' : ` ${event.server}`} asked for by ${event.by}`]
    case 'run.finished':
      return [`run finished: ${event.outcome}, exit code ${event.exitCode}`]
    case 'log.line':
      return []
  }
}

/** Cause and note; of a blocked server the note names all blocks, the cause first. */
function reasonOf({ cause = '', note = '' }: { cause?: string | undefined; note?: string | undefined }): string {
  if (cause === '' || note === cause || note.startsWith(`${cause}, `)) return note
  return note === '' ? cause : `${cause}, ${note}`
}

/** `3/5 ex-mbx-14`: how many servers have ended, and which one this is about. */
function place(server: string, state: RunState): string {
  const ended = Object.values(state.servers).filter(({ outcome }) => outcome !== null).length
  return `${ended}/${state.order.length} ${server}`
}

function batchCount(state: RunState): number {
  return Object.keys(state.batches).length
}

/** Capitals only for what needs somebody. */
function word(outcome: string): string {
  return ['failed', 'unreachable', 'unknown', 'blocked'].includes(outcome) ? outcome.toUpperCase() : outcome
}

/** `crl S-1-5-18: 0x23c00 -> 0x23e00`. */
export function settingText({ setting, scope, from, to }: Omit<SettingFields, 'server'>): string {
  return `${setting} ${scope}: ${valueText(setting, from)} -> ${valueText(setting, to)}`
}

function valueText(setting: SettingName, value: SettingValue): string {
  if (value === null) return 'absent'
  return setting === 'crl' && typeof value === 'number' ? `0x${value.toString(16)}` : String(value)
}

function clock(at: string): string {
  return new Date(at).toTimeString().slice(0, 8)
}
