import { appendFileSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { ReadStream } from 'node:tty'
import type { ExitCode } from '../errors.js'
import { createEventBus, type Listener } from '../events/bus.js'
import type { RunEvent } from '../events/event.js'
import { emptyState, reduce } from '../events/reduce.js'
import type { RunState } from '../events/state.js'
import type { InventoryServer } from '../inventory/model.js'
import { openJournal } from '../output/journal.js'
import { ndjsonOutput } from '../output/ndjson.js'
import { plainOutput } from '../output/plain.js'
import { recap } from '../output/recap.js'
import type { Plan } from '../plan/model.js'
import type { Playbook } from '../playbook/model.js'
import type { RunPackage } from '../run/context.js'
import { createRunControl } from '../run/control.js'
import { executeRun } from '../run/executor.js'
import { priorOf } from '../run/prior.js'
import { openSecrets, type Secrets } from '../secrets/secrets.js'
import { terminalPrompt } from '../secrets/terminal-prompt.js'
import { sshTransport } from '../transport/ssh/ssh-transport.js'
import { readJournal } from './find-run.js'
import type { CommandIo } from './io.js'
import { toolVersion } from './program.js'
import { makeRunFolder, newRunId } from './run-folder.js'
import { type RunRecord, readRunRecord } from './run-record.js'
import { lockRun } from './runner-lock.js'
import { listenForSignals } from './signals.js'

export type Ui = 'plain' | 'ndjson' | 'quiet'

export interface StartRunInput {
  plan: Plan
  servers: InventoryServer[]
  playbook: Playbook
  update: RunPackage
  runs: string
  ui: Ui
  io: CommandIo
}

export interface EndedRun {
  exitCode: ExitCode
  folder: string
  state: RunState
}

/** Starts a new run in a folder of its own and carries it out in this process. */
export async function startRun({ runs, ui, io, ...record }: StartRunInput): Promise<EndedRun> {
  const run = newRunId(new Date())
  const secrets = await askSecrets(record.servers, io)
  const folder = makeRunFolder(runs, { run, ...record })
  return carryOut({ folder, record: { run, ...record }, events: [], retryFailed: false, secrets, ui, io })
}

/** Goes on with the run in `folder`, from its journal and from what the servers say. */
export async function resumeRun(
  folder: string,
  { retryFailed, ui, io }: { retryFailed: boolean; ui: Ui; io: CommandIo },
): Promise<EndedRun> {
  const record = readRunRecord(folder)
  const secrets = await askSecrets(record.servers, io)
  return carryOut({ folder, record, events: readJournal(folder), retryFailed, secrets, ui, io })
}

/** Asked for before anything is contacted: a prompt in the middle of the night's run would wait for nobody. */
async function askSecrets(servers: InventoryServer[], io: CommandIo): Promise<Secrets> {
  const prompt = terminalPrompt(io.stdin as ReadStream, io.stderr)
  const secrets = openSecrets({ env: io.env, ...(prompt === undefined ? {} : { prompt }) })
  for (const { credential } of servers) {
    await secrets.password(credential)
    await secrets.passphrase(credential)
  }
  return secrets
}

interface CarryOutInput {
  folder: string
  record: RunRecord
  events: RunEvent[]
  retryFailed: boolean
  secrets: Secrets
  ui: Ui
  io: CommandIo
}

/** Wires a run to its journal, outputs, secrets and signals. */
async function carryOut({ folder, record, events, retryFailed, secrets, ui, io }: CarryOutInput): Promise<EndedRun> {
  const { run, plan, servers, playbook, update } = record
  const unlock = lockRun(folder, run)
  const file = join(folder, 'journal.ndjson')
  dropTornLine(file)
  const journal = await openJournal(file)
  const bus = createEventBus({
    run,
    now: () => new Date().toISOString(),
    durable: event => journal.write(event),
    mask: secrets.masker.mask,
    firstSeq: (events.at(-1)?.seq ?? 0) + 1,
  })
  let state = events.reduce(reduce, emptyState())
  bus.listen(event => {
    state = reduce(state, event)
  })
  for (const listener of listenersFor(ui, io, events)) bus.listen(listener)

  const control = createRunControl()
  const silence = listenForSignals(control, text => io.stderr.write(`\nexroll: ${text}\n`))
  try {
    const exitCode = await executeRun({
      run,
      plan,
      servers,
      playbook,
      package: update,
      transportFor: server => sshTransport(server, { secrets }),
      bus,
      control,
      folder,
      tool: `exroll ${toolVersion()}`,
      ...(events.length === 0 ? {} : { resume: { events, prior: priorOf(events, { retryFailed }) } }),
    })
    if (ui === 'plain') io.stdout.write(recap(state, { folder }))
    return { exitCode, folder, state }
  } finally {
    silence()
    await journal.close()
    unlock()
  }
}

/** A killed writer leaves half a line; the next event must not be glued to it. */
function dropTornLine(file: string): void {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    appendFileSync(file, '', { mode: 0o600 })
    return
  }
  truncateSync(file, bytes.lastIndexOf(0x0a) + 1)
}

/** Plain output has to know of the run what came before it; nothing of that is printed again. */
function listenersFor(ui: Ui, io: CommandIo, before: RunEvent[]): Listener[] {
  switch (ui) {
    case 'plain':
      return [plainOutput(io.stderr, before)]
    case 'ndjson':
      return [ndjsonOutput(io.stdout)]
    case 'quiet':
      return []
  }
}
