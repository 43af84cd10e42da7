import type { Listener } from '../events/bus.js'
import type { RunEvent, StepName } from '../events/event.js'
import { ndjsonOutput } from '../output/ndjson.js'
import { plainOutput } from '../output/plain.js'
import { recap } from '../output/recap.js'
import type { Secrets } from '../secrets/secrets.js'
import { askSecrets } from './ask-secrets.js'
import { carryOut, type EndedRun } from './carry-out.js'
import type { CommandIo } from './io.js'
import { makeRunFolder, newRunId } from './run-folder.js'
import type { RunRecord } from './run-record.js'

/** What is shown of a run that this process carries out itself. */
export type Ui = 'plain' | 'ndjson' | 'quiet'

export interface StartRunInput extends Omit<RunRecord, 'run'> {
  runs: string
  ui: Ui
  io: CommandIo
  /** Asked for already; else they are asked for now. */
  secrets?: Secrets
}

/** Starts a new run in a folder of its own and carries it out in this process. */
export async function startRun({ runs, ui, io, secrets, ...record }: StartRunInput): Promise<EndedRun> {
  const asked = secrets ?? (await askSecrets(record.servers, io, record.jobAccount))
  const folder = makeRunFolder(runs, { run: newRunId(new Date()), ...record })
  return carryOutHere({ folder, secrets: asked, ui, io })
}

export interface CarryOutHereInput {
  folder: string
  secrets: Secrets
  ui: Ui
  io: CommandIo
  retryFailed?: boolean
  fromStep?: StepName | undefined
}

/** Carries the run of a folder out in this process and shows it, with the recap at its end. */
export async function carryOutHere({ ui, io, ...input }: CarryOutHereInput): Promise<EndedRun> {
  // The journal has everything: a reader that went away, or a terminal that was closed, must not end the run.
  for (const stream of [io.stdout, io.stderr]) stream.on('error', () => undefined)
  const ended = await carryOut({
    ...input,
    stop: io.host?.stop,
    listeners: before => listenersFor(ui, io, before),
    say: text => io.stderr.write(`\nexroll: ${text}\n`),
  })
  if (ui === 'plain') io.stdout.write(recap(ended.state, { folder: ended.folder }))
  return ended
}

/** Plain output has to know of the run what came before it; nothing of that is printed again. */
export function listenersFor(ui: Ui, io: CommandIo, before: readonly RunEvent[]): Listener[] {
  switch (ui) {
    case 'plain':
      return [plainOutput(io.stderr, before)]
    case 'ndjson':
      return [ndjsonOutput(io.stdout)]
    case 'quiet':
      return []
  }
}
