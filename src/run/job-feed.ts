import type { StepOutcome } from '../events/event.js'
import type { JobEntry, SettingChange } from '../scripts/catalog.js'
import type { ServerContext } from './context.js'
import type { JobStep } from './machine.js'
import { emitChange } from './setting-events.js'

export interface JobFeed {
  /** Takes entries in any order and any number of times; each becomes events once, in order of `seq`. */
  take(entries: JobEntry[]): Promise<void>
  /** Everything up to here was taken. */
  readonly lastSeq: number
  readonly ended: Partial<Record<JobStep, StepOutcome>>
  readonly open: JobStep | null
  readonly exitCode: number | null
  /** The job turned revocation checking off for the install. */
  readonly crlOff: boolean
  /** Says that the caller has already announced this step. */
  adopt(step: JobStep): void
  /** Ends the open step by the follower's own judgement: stalled, lost, interrupted. */
  close(outcome: StepOutcome, error?: { code: string; message: string; hint?: string }): Promise<void>
}

export interface JobFeedOptions {
  context: Pick<ServerContext, 'emit' | 'server' | 'told'>
  attempt: number
  script: { name: string; sha256: string }
  /** Milliseconds of the orchestrator's monotonic clock. */
  now: () => number
}

/** The server's journal as events: what the job did, whoever was listening at the time. */
export function createJobFeed({ context, attempt, script, now }: JobFeedOptions): JobFeed {
  const ended: Partial<Record<JobStep, StepOutcome>> = {}
  let lastSeq = 0
  let open: JobStep | null = null
  let startedAt = now()
  let exitCode: number | null = null
  let crlOff = false
  const { emit, server } = context

  async function start(step: JobStep): Promise<void> {
    if (open === step || ended[step] !== undefined) return
    open = step
    startedAt = now()
    await emit({ type: 'step.started', server: server.name, step, attempt, script: script.name, sha256: script.sha256 })
  }

  async function finish(step: JobStep, outcome: StepOutcome, error?: { code: string; message: string; hint?: string }) {
    await start(step)
    ended[step] = outcome
    open = null
    const ms = Math.round(now() - startedAt)
    await emit({
      type: 'step.finished',
      server: server.name,
      step,
      outcome,
      ms,
      ...(error === undefined ? {} : { error }),
    })
  }

  async function takeOne(entry: JobEntry): Promise<void> {
    switch (entry.type) {
      case 'step':
        if (entry.status === 'started') return start(entry.step)
        return finish(entry.step, entry.outcome, entry.error)
      case 'setting':
        if (entry.change === 'foreign') {
          return note(
            `${entry.setting} ${entry.scope} was changed by somebody else to ${String(entry.from)}; left as it is`,
          )
        }
        if (entry.setting === 'crl' && entry.change === 'changed') crlOff = true
        if (context.told.take({ type: `setting.${entry.change}`, server: server.name, ...fieldsOf(entry) })) return
        return emitChange(context, entry.change, entry)
      case 'note':
        return note(entry.text)
      case 'exit':
        exitCode = entry.code
        return note(`msiexec ended with ${entry.code}`)
      case 'services': {
        const { running, expected, down } = entry
        return emit({ type: 'service.state', server: server.name, running, expected, down })
      }
      case 'ended':
        exitCode = entry.exitCode ?? exitCode
        return
      case 'guard':
        return
    }
  }

  function note(text: string): Promise<void> {
    return emit({ type: 'step.progress', server: server.name, step: open ?? 'install', note: text })
  }

  return {
    async take(entries) {
      for (const entry of [...entries].sort((a, b) => a.seq - b.seq)) {
        if (entry.seq <= lastSeq) continue
        lastSeq = entry.seq
        await takeOne(entry)
      }
    },
    get lastSeq() {
      return lastSeq
    },
    ended,
    get open() {
      return open
    },
    get exitCode() {
      return exitCode
    },
    get crlOff() {
      return crlOff
    },
    adopt(step) {
      open = step
      startedAt = now()
    },
    async close(outcome, error) {
      if (open !== null) await finish(open, outcome, error)
    },
  }
}

function fieldsOf({ setting, scope, from, to }: SettingChange): SettingChange {
  return { setting, scope, from, to }
}
