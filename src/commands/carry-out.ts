import { appendFileSync, chmodSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { startControlServer } from '../control/server.js'
import { type ExitCode, ToolError } from '../errors.js'
import { createEventBus, type Listener } from '../events/bus.js'
import type { RunEvent, StepName } from '../events/event.js'
import { followState } from '../events/follow-state.js'
import type { RunState } from '../events/state.js'
import { openJournal } from '../output/journal.js'
import { createRunControl, type RunControl } from '../run/control.js'
import { executeRun } from '../run/executor.js'
import { priorOf } from '../run/prior.js'
import type { Secrets } from '../secrets/secrets.js'
import { transports } from '../transport/transport-for.js'
import { readJournal } from './find-run.js'
import { jobAccountOf } from './job-account.js'
import { toolVersion } from './program.js'
import { readRunRecord } from './run-record.js'
import { lockRun } from './runner-lock.js'
import { listenForSignals } from './signals.js'

export interface CarryOutInput {
  /** The run folder: its record says what to do, its journal what was done. */
  folder: string
  secrets: Secrets
  retryFailed?: boolean
  fromStep?: StepName | undefined
  /** Who hears of each event; `before` is what an earlier process of this run wrote. */
  listeners: (before: readonly RunEvent[]) => Listener[]
  /** Aborted by the program that hosts this one: the first Ctrl-C. */
  stop?: AbortSignal | undefined
  /** A word to the operator beside the events. */
  say: (text: string) => void
}

export interface EndedRun {
  exitCode: ExitCode
  folder: string
  state: RunState
}

/**
 * Carries the run of a folder out in this process, from its start or from where its journal ends: wires it to journal, secrets, signals
 * and the control socket. Throws `UsageError` RUN_IS_LIVE while another process does, and `ToolError` JOURNAL_UNWRITABLE when the journal
 * could not be written any more: nothing was done from then on, and the servers look after themselves.
 */
export async function carryOut(input: CarryOutInput): Promise<EndedRun> {
  const { folder, secrets, retryFailed = false, fromStep, listeners, say, stop } = input
  const { run, plan, servers, playbook, update, jobAccount } = readRunRecord(folder)
  const unlock = lockRun(folder, run)
  const file = join(folder, 'journal.ndjson')
  try {
    dropTornLine(file)
    const events = readJournal(folder)
    const journal = await openJournal(file)
    const control = createRunControl()
    let lost: ToolError | undefined
    // What was left behind must not act any further: an event that is never on disk holds its act back for ever.
    const never = new Promise<void>(() => undefined)
    const bus = createEventBus({
      run,
      now: () => new Date().toISOString(),
      async durable(event) {
        if (control.leaving.aborted) return never
        try {
          await journal.write(event)
        } catch (error) {
          lost ??= journalUnwritable(file, run, error)
          control.leave('journal')
          return never
        }
      },
      mask: secrets.masker.mask,
      firstSeq: (events.at(-1)?.seq ?? 0) + 1,
    })
    const state = followState(bus, events)
    for (const listener of listeners(events)) bus.listen(listener)
    const silence = listenForSignals(control, say, stop)
    const door = await openDoor(folder, control, say)
    if (door !== undefined) bus.listen(door.logs)
    try {
      const exitCode = await executeRun({
        run,
        plan,
        servers,
        playbook,
        package: update,
        ...(jobAccount !== undefined && { jobAccount: jobAccountOf(jobAccount, secrets) }),
        transportFor: transports({ secrets }),
        bus,
        control,
        folder,
        tool: `exroll ${toolVersion()}`,
        ...(events.length === 0
          ? {}
          : { resume: { events, prior: priorOf(events, { retryFailed, fromStep }), fromStep } }),
      })
      if (lost !== undefined) throw lost
      return { exitCode, folder, state: state() }
    } finally {
      silence()
      await door?.close()
      await journal.close()
    }
  } finally {
    unlock()
  }
}

function journalUnwritable(file: string, run: string, cause: unknown): ToolError {
  const why = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new ToolError(
    `The journal of this run cannot be written any more (${why}): ${file}. exroll does nothing that is not written down first, so it left. Servers that were in work look after themselves; their guards put everything back.`,
    { code: 'JOURNAL_UNWRITABLE', hint: `Make room there, then: exroll resume ${run}`, cause },
  )
}

/** A run that nobody can talk to is still a run: it goes on without the socket. */
async function openDoor(folder: string, control: RunControl, say: (text: string) => void) {
  try {
    // A folder that was copied may have lost its mode; what is in it is for its owner only.
    if (process.platform !== 'win32') chmodSync(folder, 0o700)
    return await startControlServer(folder, (wish, by) => control.ask(wish, by))
  } catch (error) {
    say(`watch and approve cannot talk to this run: ${(error as Error).message}`)
    return undefined
  }
}

/** A killed writer leaves half a line; the next event must not be glued to it. */
function dropTornLine(file: string): void {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    appendFileSync(file, '', { mode: 0o600 })
    return
  }
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) truncateSync(file, whole)
}
