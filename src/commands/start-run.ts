import { join } from 'node:path'
import type { ReadStream } from 'node:tty'
import type { ExitCode } from '../errors.js'
import { createEventBus, type Listener } from '../events/bus.js'
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
import { openSecrets } from '../secrets/secrets.js'
import { terminalPrompt } from '../secrets/terminal-prompt.js'
import { sshTransport } from '../transport/ssh/ssh-transport.js'
import type { CommandIo } from './io.js'
import { toolVersion } from './program.js'
import { makeRunFolder, newRunId } from './run-folder.js'
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

export interface StartedRun {
  exitCode: ExitCode
  folder: string
  state: RunState
}

/** Wires a run to its journal, outputs, secrets and signals, and carries it out in this process. */
export async function startRun({ plan, servers, playbook, update, runs, ui, io }: StartRunInput): Promise<StartedRun> {
  const prompt = terminalPrompt(io.stdin as ReadStream, io.stderr)
  const secrets = openSecrets({ env: io.env, ...(prompt === undefined ? {} : { prompt }) })
  // Asked for before anything is contacted: a prompt in the middle of the night's run would wait for nobody.
  for (const { credential } of servers) {
    await secrets.password(credential)
    await secrets.passphrase(credential)
  }
  const run = newRunId(new Date())
  const folder = makeRunFolder(runs, run, plan)
  const journal = await openJournal(join(folder, 'journal.ndjson'))
  const bus = createEventBus({
    run,
    now: () => new Date().toISOString(),
    durable: event => journal.write(event),
    mask: secrets.masker.mask,
  })
  let state = emptyState()
  bus.listen(event => {
    state = reduce(state, event)
  })
  for (const listener of listenersFor(ui, io)) bus.listen(listener)

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
    })
    if (ui === 'plain') io.stdout.write(recap(state, { folder }))
    return { exitCode, folder, state }
  } finally {
    silence()
    await journal.close()
  }
}

function listenersFor(ui: Ui, io: CommandIo): Listener[] {
  switch (ui) {
    case 'plain':
      return [plainOutput(io.stderr)]
    case 'ndjson':
      return [ndjsonOutput(io.stdout)]
    case 'quiet':
      return []
  }
}
