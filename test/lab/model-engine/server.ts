import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { makeFleet } from '../../../src/lab/fleet.js'
import { answerCall } from '../../../src/lab/model-engine/answer-call.js'
import { LabClock } from '../../../src/lab/world/clock.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import { createAnswerReader, openEnvelope } from '../../../src/scripts/answer.js'
import { encodeCall } from '../../../src/scripts/call.js'
import {
  type ScriptArguments,
  type ScriptName,
  type ScriptProgress,
  type ScriptResult,
  systemSid,
} from '../../../src/scripts/catalog.js'
import { loadGuardScript } from '../../../src/scripts/load.js'
import { installRequest } from '../install-request.js'

export const run = '20081014-200000-ab12'

/** The servers of a made-up fleet; gone with the test. One real millisecond is two server seconds. */
export function fleet(servers: number, timeScale = 2000): LabServer[] {
  const spillFolder = mkdtempSync(join(tmpdir(), 'exroll-engine-'))
  const clock = new LabClock(timeScale)
  const made = makeFleet({ servers, seed: 7, installSeconds: 0 }, { clock, spillFolder }).map(({ server }) => server)
  for (const server of made) server.changes.begin()
  onTestFinished(() => {
    for (const server of made) server.close()
    rmSync(spillFolder, { recursive: true, force: true })
  })
  return made
}

export function mailboxServer(timeScale?: number): LabServer {
  const [server] = fleet(1, timeScale)
  if (server === undefined) throw new Error('no server')
  return server
}

export interface CallOptions {
  signal?: AbortSignal
  onProgress?: (progress: ScriptProgress) => void
}

/** Calls a script as it comes over a channel. Throws `ScriptError` with the envelope's code. */
export async function call<N extends ScriptName>(
  server: LabServer,
  name: N,
  args: ScriptArguments<N>,
  { signal = new AbortController().signal, onProgress = () => undefined }: CallOptions = {},
): Promise<ScriptResult<N>> {
  const { line, stdin } = encodeCall(name, args)
  const { envelope } = await answerText(server, line, stdin, signal, onProgress)
  if (envelope === undefined) throw new Error(`${name} gave no envelope`)
  return openEnvelope(name, envelope) as ScriptResult<N>
}

export async function answerText(
  server: LabServer,
  line: string,
  stdin: string,
  signal = new AbortController().signal,
  onProgress: (progress: ScriptProgress) => void = () => undefined,
) {
  const answer = createAnswerReader(onProgress)
  let text = ''
  const exitCode = await answerCall(server, {
    line,
    stdin: once(stdin),
    stdout: data => {
      const bytes = Buffer.from(data)
      text += bytes.toString('latin1')
      answer.take(bytes)
    },
    stderr: () => undefined,
    signal,
  })
  answer.end()
  return { exitCode, text, envelope: answer.envelope, noise: answer.noise }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text, 'utf8')
}

export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Snapshot and guard, as before every job. */
export async function arm(server: LabServer, { id = run, leaseMinutes = 10, defaults = [] as string[] } = {}) {
  await call(server, 'New-Snapshot', { Run: id, Accounts: [systemSid], Defaults: defaults, Before: '' })
  const { text: GuardScript, sha256: GuardSha256 } = loadGuardScript()
  return call(server, 'Register-Guard', { Run: id, LeaseMinutes: leaseMinutes, GuardScript, GuardSha256 })
}

/** Stages bytes and starts the job on them. */
export async function startJob(
  server: LabServer,
  bytes: Uint8Array,
  policy: Partial<ScriptArguments<'Start-InstallJob'>> = {},
) {
  const package_ = { Name: 'Exchange2007-KB952580-x64-EN.msp', Sha256: sha256(bytes) }
  const { uploadPath, present } = await call(server, 'Initialize-Package', package_)
  if (!present) server.files.write(uploadPath, bytes)
  const { path } = await call(server, 'Complete-Package', package_)
  return call(server, 'Start-InstallJob', {
    ...installRequest(run, { path, sha256: package_.Sha256 }),
    ServerCertificateRevocation: 'leave',
    ...policy,
  })
}

/** Lets `serverMs` of server time pass. */
export function pass(server: LabServer, serverMs: number): Promise<void> {
  return server.clock.sleep(serverMs)
}
