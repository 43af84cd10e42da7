import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
  /** Server seconds that an install takes; absent: none. */
  installSeconds?: number
  /** How calls get to the engine; absent: as the lab's own endpoints hand them over. */
  over?: (made: { engine: PowerShellEngine; server: LabServer; root: string; program: string }) => Promise<Line>
}

/** What carries one call to its end: stdout as it comes. */
export interface Line {
  run<N extends ScriptName>(
    name: N,
    args: ScriptArguments<N>,
    stdout: (data: Uint8Array) => void,
  ): Promise<{ exitCode: number | null; stderr: string }>
  close(): Promise<void>
}

const updates = fileURLToPath(new URL('../../../updates/', import.meta.url))

/** Server seconds in a real second. A PowerShell takes real time to start, and two minutes are the shortest that anybody waits for it. */
const modelScale = 600
const powershellScale = 10

/** The same options make the same server in both engines. */
export async function contractServer({
  program,
  faults,
  index = 0,
  installSeconds = 0,
  over,
}: ContractOptions): Promise<ContractServer> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-contract-'))
  const rootOf = (name: string): string => join(folder, name)
  mkdirSync(join(folder, 'spill'))
  const fleet = makeFleet(
    { servers: 8, seed: 7, installSeconds, share: { unc: '\\\\fs01\\updates', folder: updates } },
    {
      clock: new LabClock(program === undefined ? modelScale : powershellScale),
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
  const line =
    engine === undefined || over === undefined
      ? channelTo(channel => (engine === undefined ? answerCall(server, channel) : engine.answerCall(server, channel)))
      : await over({ engine, server, root: rootOf(server.name), program: program ?? '' })
  return {
    server,
    call: (name, args, onProgress = () => undefined) => callOver(line, name, args, onProgress),
    async close() {
      await line.close()
      for (const one of fleet) one.processes.killAll()
      await engine?.close()
      for (const one of fleet) one.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Straight into an engine, as the lab's endpoints call it. */
function channelTo(answer: (channel: ExecChannel) => Promise<number>): Line {
  return {
    async run(name, args, stdout) {
      const { line, stdin } = encodeCall(name, args)
      let stderr = ''
      const exitCode = await answer({
        line,
        stdin: once(stdin),
        stdout: data => stdout(Buffer.from(data)),
        stderr: data => {
          stderr += Buffer.from(data).toString()
        },
        signal: new AbortController().signal,
      })
      return { exitCode, stderr }
    },
    close: async () => undefined,
  }
}

async function callOver<N extends ScriptName>(
  line: Line,
  name: N,
  args: ScriptArguments<N>,
  onProgress: (progress: ScriptProgress) => void,
): Promise<Answer<N>> {
  const reader = createAnswerReader(onProgress)
  const { stderr } = await line.run(name, args, data => reader.take(data))
  reader.end()
  const { envelope } = reader
  if (envelope === undefined) throw new Error(`${name} gave no envelope: ${stderr} ${reader.noise.join('\n')}`)
  return envelope.ok ? { data: envelope.data as ScriptResult<N> } : { error: { ...envelope.error } }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'utf8')
}
