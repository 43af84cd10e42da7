import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyFault } from '../../../src/lab/faults/apply-fault.js'
import { makeFleet } from '../../../src/lab/fleet.js'
import type { ExecChannel, FaultName } from '../../../src/lab/model.js'
import { answerCall } from '../../../src/lab/model-engine/answer-call.js'
import { PowerShellEngine } from '../../../src/lab/powershell-engine/powershell-engine.js'
import { LabClock } from '../../../src/lab/world/clock.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import { createAnswerReader } from '../../../src/scripts/answer.js'
import { encodeCall } from '../../../src/scripts/call.js'
import type { ScriptArguments, ScriptName, ScriptProgress, ScriptResult } from '../../../src/scripts/catalog.js'

/** An answer as the wire has it: the data, or the error's code, message and hint. */
export type Answer<N extends ScriptName = ScriptName> = { data: ScriptResult<N> } | { error: Record<string, unknown> }

/** One simulated server behind one engine. */
export interface ContractServer {
  server: LabServer
  call<N extends ScriptName>(
    name: N,
    args: ScriptArguments<N>,
    onProgress?: (progress: ScriptProgress) => void,
  ): Promise<Answer<N>>
  close(): Promise<void>
}

export interface ContractOptions {
  /** Absent: the model. Else the path of a PowerShell. */
  program?: string
  faults: readonly FaultName[]
  /** Which server of the fleet: 0 mailbox, 1 client access, 6 and 7 a cluster. */
  index?: number
  timeScale: number
}

/** The same options make the same server in both engines. */
export async function contractServer({
  program,
  faults,
  index = 0,
  timeScale,
}: ContractOptions): Promise<ContractServer> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-contract-'))
  const rootOf = (name: string): string => join(folder, name)
  mkdirSync(join(folder, 'spill'))
  const fleet = makeFleet(
    { servers: 8, seed: 7, installSeconds: 0 },
    {
      clock: new LabClock(timeScale),
      spillFolder: join(folder, 'spill'),
      ...(program === undefined ? {} : { rootOf }),
    },
  ).map(({ server }) => server)
  const server = fleet[index]
  if (server === undefined) throw new Error(`no server ${index}`)
  for (const fault of faults) applyFault(server, fault)
  for (const one of fleet) one.changes.begin()
  const engine =
    program === undefined ? undefined : await PowerShellEngine.start({ program, rootOf: ({ name }) => rootOf(name) })
  const answer = (channel: ExecChannel): Promise<number> =>
    engine === undefined ? answerCall(server, channel) : engine.answerCall(server, channel)
  return {
    server,
    call: (name, args, onProgress = () => undefined) => callOver(answer, name, args, onProgress),
    async close() {
      for (const one of fleet) one.close()
      await engine?.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function callOver<N extends ScriptName>(
  answer: (channel: ExecChannel) => Promise<number>,
  name: N,
  args: ScriptArguments<N>,
  onProgress: (progress: ScriptProgress) => void,
): Promise<Answer<N>> {
  const { line, stdin } = encodeCall(name, args)
  const reader = createAnswerReader(onProgress)
  let said = ''
  await answer({
    line,
    stdin: once(stdin),
    stdout: data => reader.take(Buffer.from(data)),
    stderr: data => {
      said += Buffer.from(data).toString()
    },
    signal: new AbortController().signal,
  })
  reader.end()
  const { envelope } = reader
  if (envelope === undefined) throw new Error(`${name} gave no envelope: ${said} ${reader.noise.join('\n')}`)
  return envelope.ok ? { data: envelope.data as ScriptResult<N> } : { error: { ...envelope.error } }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'utf8')
}
