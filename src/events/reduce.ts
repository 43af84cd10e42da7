import type { RunEvent, ServerOutcome, SettingFields } from './event.js'
import type { RunState, ServerState } from './state.js'

/** The state before the first event. */
export function emptyState(): RunState {
  return {
    run: '',
    action: '',
    dryRun: false,
    title: '',
    startedAt: null,
    lastAt: null,
    servers: {},
    order: [],
    batches: {},
    finished: null,
  }
}

/**
 * The only way to a `RunState`: dashboard, recap, report, `status` and `resume` all use it. Pure: the given state is not
 * changed; servers the event does not name keep their identity.
 */
export function reduce(state: RunState, event: RunEvent): RunState {
  return reduceAll(state, [event])
}

/** `reduce` over a group of events. It copies the fleet once, not once for each event: 500 servers and thousands of events are cheap. */
export function reduceAll(state: RunState, events: readonly RunEvent[]): RunState {
  const next: RunState = { ...state, servers: { ...state.servers } }
  for (const event of events) apply(event, next)
  return next
}

/** Changes `next`, which has to be the caller's own, and its record of servers; nothing that hangs below them. */
function apply(event: RunEvent, next: RunState): void {
  next.lastAt = event.at
  switch (event.type) {
    case 'run.started': {
      next.run = event.run
      next.action = event.action
      next.dryRun = event.dryRun
      next.title = event.title ?? event.playbook ?? event.action
      next.startedAt = event.at
      next.order = event.servers.map(server => server.name)
      next.servers = Object.fromEntries(event.servers.map(server => [server.name, newServer(server)]))
      next.batches = {}
      for (const server of event.servers) {
        const batch = next.batches[server.batch] ?? { servers: [], state: 'waiting' as const }
        next.batches[server.batch] = { ...batch, servers: [...batch.servers, server.name] }
      }
      return
    }
    case 'batch.started':
    case 'batch.finished':
      next.batches = {
        ...next.batches,
        [event.batch]: { servers: event.servers, state: event.type === 'batch.started' ? 'running' : 'done' },
      }
      return
    case 'server.finished':
      changeServer(next, event.server, server => ({
        ...server,
        outcome: event.outcome,
        cause: event.cause ?? null,
        note: event.note ?? null,
        current: null,
      }))
      return
    case 'step.started':
      changeServer(next, event.server, server => ({
        ...server,
        outcome: null,
        current: event.step,
        steps: {
          ...server.steps,
          [event.step]: {
            state: 'running',
            attempt: event.attempt,
            startedAt: event.at,
            ms: null,
            percent: null,
            note: null,
            error: null,
          },
        },
      }))
      return
    case 'step.progress':
      changeServer(next, event.server, server => {
        const step = server.steps[event.step]
        if (step === undefined) return server
        // Progress never goes back: a re-read log tail may report an older figure.
        const percent = event.percent === undefined ? step.percent : Math.max(step.percent ?? 0, event.percent)
        return { ...server, steps: { ...server.steps, [event.step]: { ...step, percent, note: event.note } } }
      })
      return
    case 'step.finished':
      changeServer(next, event.server, server => {
        const step = server.steps[event.step]
        return {
          ...server,
          current: server.current === event.step ? null : server.current,
          steps: {
            ...server.steps,
            [event.step]: {
              state: event.outcome,
              attempt: step?.attempt ?? 1,
              startedAt: step?.startedAt ?? event.at,
              ms: event.ms,
              percent: step?.percent ?? null,
              note: event.note ?? step?.note ?? null,
              error: event.error ?? null,
            },
          },
        }
      })
      return
    case 'setting.changed':
      changeServer(next, event.server, server => ({
        ...server,
        outstanding: { ...server.outstanding, [settingKey(event)]: settingFields(event) },
      }))
      return
    case 'setting.restored':
      changeServer(next, event.server, server => ({
        ...server,
        outstanding: without(server.outstanding, settingKey(event)),
        stuck: without(server.stuck, settingKey(event)),
      }))
      return
    case 'setting.stuck':
      changeServer(next, event.server, server => ({
        ...server,
        stuck: { ...server.stuck, [settingKey(event)]: settingFields(event) },
      }))
      return
    case 'service.state':
      changeServer(next, event.server, server => ({
        ...server,
        services: { running: event.running, expected: event.expected, down: event.down },
      }))
      return
    case 'precheck.blocked':
      changeServer(next, event.server, server => ({
        ...server,
        blocks: [
          ...server.blocks.filter(block => block.block !== event.block),
          { block: event.block, message: event.message, remedy: event.remedy, allowed: event.allowed },
        ],
      }))
      return
    case 'diagnosis.made':
      changeServer(next, event.server, server => ({
        ...server,
        diagnoses: [
          ...server.diagnoses.filter(diagnosis => diagnosis.id !== event.id),
          {
            id: event.id,
            confidence: event.confidence,
            title: event.title,
            evidence: event.evidence,
            remedy: event.remedy,
            fix: event.fix ?? null,
          },
        ],
      }))
      return
    case 'run.finished':
      next.finished = { outcome: event.outcome, exitCode: event.exitCode, counts: event.counts }
      return
    case 'control.taken':
      // A resumed run is under way again, whatever it came to before.
      if (event.action === 'resume') next.finished = null
      return
    case 'setting.predicted':
    case 'log.line':
      return
    default:
      unknownType(event)
  }
}

/** All outcomes, none counted yet. */
export function zeroCounts(): Record<ServerOutcome, number> {
  return { changed: 0, ok: 0, skipped: 0, blocked: 0, failed: 0, unreachable: 0, unknown: 0 }
}

/** How many servers ended how; a server without an end counts nowhere. */
export function countOutcomes(state: RunState): Record<ServerOutcome, number> {
  const counts = zeroCounts()
  for (const server of Object.values(state.servers)) if (server.outcome !== null) counts[server.outcome]++
  return counts
}

function newServer({ name, roles, batch }: { name: string; roles: string[]; batch: number }): ServerState {
  return {
    name,
    roles,
    batch,
    outcome: null,
    cause: null,
    note: null,
    steps: {},
    current: null,
    outstanding: {},
    stuck: {},
    services: null,
    blocks: [],
    diagnoses: [],
  }
}

function changeServer(state: RunState, name: string, change: (server: ServerState) => ServerState): void {
  const server = state.servers[name]
  if (server !== undefined) state.servers[name] = change(server)
}

function settingKey({ setting, scope }: SettingFields): string {
  return `${setting}/${scope}`
}

function settingFields({ server, setting, scope, from, to }: SettingFields): SettingFields {
  return { server, setting, scope, from, to }
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record
  return rest
}

/** A journal of a newer exroll may hold types this one does not know: they change nothing. */
function unknownType(_: never): void {}
