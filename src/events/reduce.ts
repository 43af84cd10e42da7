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
  const next: RunState = { ...state, lastAt: event.at }
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
      return next
    }
    case 'batch.started':
    case 'batch.finished':
      next.batches = {
        ...state.batches,
        [event.batch]: { servers: event.servers, state: event.type === 'batch.started' ? 'running' : 'done' },
      }
      return next
    case 'server.finished':
      return withServer(next, event.server, server => ({
        ...server,
        outcome: event.outcome,
        cause: event.cause ?? null,
        note: event.note ?? null,
        current: null,
      }))
    case 'step.started':
      return withServer(next, event.server, server => ({
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
    case 'step.progress':
      return withServer(next, event.server, server => {
        const step = server.steps[event.step]
        if (step === undefined) return server
        // Progress never goes back: a re-read log tail may report an older figure.
        const percent = event.percent === undefined ? step.percent : Math.max(step.percent ?? 0, event.percent)
        return { ...server, steps: { ...server.steps, [event.step]: { ...step, percent, note: event.note } } }
      })
    case 'step.finished':
      return withServer(next, event.server, server => {
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
    case 'setting.changed':
      return withServer(next, event.server, server => ({
        ...server,
        outstanding: { ...server.outstanding, [settingKey(event)]: settingFields(event) },
      }))
    case 'setting.restored':
      return withServer(next, event.server, server => ({
        ...server,
        outstanding: without(server.outstanding, settingKey(event)),
        stuck: without(server.stuck, settingKey(event)),
      }))
    case 'setting.stuck':
      return withServer(next, event.server, server => ({
        ...server,
        stuck: { ...server.stuck, [settingKey(event)]: settingFields(event) },
      }))
    case 'service.state':
      return withServer(next, event.server, server => ({
        ...server,
        services: { running: event.running, expected: event.expected, down: event.down },
      }))
    case 'precheck.blocked':
      return withServer(next, event.server, server => ({
        ...server,
        blocks: [
          ...server.blocks.filter(block => block.block !== event.block),
          { block: event.block, message: event.message, remedy: event.remedy, allowed: event.allowed },
        ],
      }))
    case 'diagnosis.made':
      return withServer(next, event.server, server => ({
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
    case 'run.finished':
      next.finished = { outcome: event.outcome, exitCode: event.exitCode, counts: event.counts }
      return next
    case 'control.taken':
      // A resumed run is under way again, whatever it came to before.
      if (event.action === 'resume') next.finished = null
      return next
    case 'setting.predicted':
    case 'log.line':
      return next
    default:
      return unknownType(event, next)
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

function withServer(state: RunState, name: string, change: (server: ServerState) => ServerState): RunState {
  const server = state.servers[name]
  return server === undefined ? state : { ...state, servers: { ...state.servers, [name]: change(server) } }
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
function unknownType(_: never, state: RunState): RunState {
  return state
}
