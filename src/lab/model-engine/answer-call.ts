import { callLine } from '../../scripts/bootstrap.js'
import { type DecodedCall, decodeCall } from '../../scripts/call.js'
import { contractVersion, type ScriptName } from '../../scripts/catalog.js'
import { loadScript } from '../../scripts/load.js'
import type { ExecChannel } from '../model.js'
import type { LabServer } from '../world/lab-server.js'
import { answers, readers } from './answers.js'
import { jsonLine } from './json-line.js'
import type { ScriptAnswer } from './script-call.js'
import { ScriptProblem } from './script-problem.js'

/** True when a command line is the one that every script call of exroll has. */
export function isScriptCall(line: string): boolean {
  return line.trim() === callLine
}

/**
 * Plays powershell.exe with one of exroll's scripts: reads the call from stdin, does what the script does to this server, writes
 * progress lines and the envelope. Returns the exit code: 0, or 1 when the envelope holds an error.
 */
export async function answerCall(server: LabServer, channel: ExecChannel): Promise<number> {
  try {
    const call = readCall(await textOf(channel.stdin))
    const data = await play(server, call, channel)
    channel.stdout(jsonLine({ type: 'result', contract: contractVersion, ok: true, data }))
    return 0
  } catch (error) {
    // Nobody is left to read an answer.
    if (channel.signal.aborted) return 1
    channel.stdout(jsonLine({ type: 'result', contract: contractVersion, ok: false, error: detail(error) }))
    return 1
  }
}

function readCall(text: string): DecodedCall {
  let call: DecodedCall
  try {
    call = decodeCall(text)
  } catch (error) {
    throw new ScriptProblem('CALL_DAMAGED', error instanceof Error ? error.message : String(error))
  }
  if (loadScript(call.name).sha256 === call.sha256) return call
  throw new ScriptProblem(
    'SCRIPT_UNKNOWN',
    `the lab does not know this text of ${call.name}`,
    'The model engine plays the scripts that come with exroll; use the same exroll for the lab and the run.',
  )
}

function play<N extends ScriptName>(server: LabServer, call: DecodedCall & { name: N }, channel: ExecChannel) {
  if (!server.account.elevated && !readers.has(call.name)) {
    throw new ScriptProblem(
      'ACCESS_DENIED',
      `${call.name} needs a full token; this logon has a filtered one`,
      'Log on with a domain account that is in the Administrators group of the server.',
    )
  }
  const answer = answers[call.name] as ScriptAnswer<ScriptName>
  return answer({
    server,
    args: call.args,
    signal: channel.signal,
    report: progress => channel.stdout(jsonLine({ type: 'progress', ...progress })),
  })
}

function detail(error: unknown): { code: string; message: string; hint?: string } {
  if (!(error instanceof ScriptProblem)) {
    return { code: 'SCRIPT_FAILED', message: error instanceof Error ? error.message : String(error) }
  }
  const { code, message, hint } = error
  return hint === '' ? { code, message } : { code, message, hint }
}

async function textOf(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stdin) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
