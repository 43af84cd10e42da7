import { callLine } from '../../scripts/bootstrap.js'
import type { DecodedCall } from '../../scripts/call.js'
import { contractVersion, type ScriptName } from '../../scripts/catalog.js'
import type { ExecChannel } from '../model.js'
import type { LabServer } from '../world/lab-server.js'
import { answers, readers } from './answers.js'
import { jsonLine } from './json-line.js'
import type { ScriptAnswer } from './script-call.js'
import { ScriptProblem } from './script-problem.js'
import { problemLine, readShippedCall, textOf } from './shipped-call.js'

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
    const call = readShippedCall(await textOf(channel.stdin))
    const data = await play(server, call, channel)
    channel.stdout(jsonLine({ type: 'result', contract: contractVersion, ok: true, data }))
    return 0
  } catch (error) {
    // Nobody is left to read an answer.
    if (channel.signal.aborted) return 1
    channel.stdout(problemLine(error))
    return 1
  }
}

async function play<N extends ScriptName>(server: LabServer, call: DecodedCall & { name: N }, channel: ExecChannel) {
  if (!server.account.elevated && !readers.has(call.name)) {
    throw new ScriptProblem(
      'ACCESS_DENIED',
      `${call.name} needs a full token; this logon has a filtered one`,
      'Log on with a domain account that is in the Administrators group of the server.',
    )
  }
  const answer = answers[call.name] as ScriptAnswer<ScriptName>
  const logOff = server.hives.logOn(server.account)
  try {
    return await answer({
      server,
      args: call.args,
      signal: channel.signal,
      report: progress => channel.stdout(jsonLine({ type: 'progress', ...progress })),
    })
  } finally {
    logOff()
  }
}
