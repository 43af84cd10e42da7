import { type DecodedCall, decodeCall } from '../../scripts/call.js'
import { contractVersion } from '../../scripts/catalog.js'
import { loadScript } from '../../scripts/load.js'
import { jsonLine } from './json-line.js'
import { ScriptProblem } from './script-problem.js'

/** A call from its text on stdin. Throws `ScriptProblem` CALL_DAMAGED, or SCRIPT_UNKNOWN for a script that did not come with this exroll. */
export function readShippedCall(text: string): DecodedCall {
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
    'The lab answers the scripts that come with exroll; use the same exroll for the lab and the run.',
  )
}

/** The envelope of a call that failed, as one line. */
export function problemLine(error: unknown): string {
  return jsonLine({ type: 'result', contract: contractVersion, ok: false, error: detail(error) })
}

/** Everything that comes on stdin. */
export async function textOf(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stdin) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function detail(error: unknown): { code: string; message: string; hint?: string } {
  if (!(error instanceof ScriptProblem)) {
    return { code: 'SCRIPT_FAILED', message: error instanceof Error ? error.message : String(error) }
  }
  const { code, message, hint } = error
  return hint === '' ? { code, message } : { code, message, hint }
}
