import { describe, expect, it } from 'vitest'
import { ScriptError, TransferError } from '../../src/errors.js'
import { decodeCall } from '../../src/scripts/call.js'
import type { ScriptProgress } from '../../src/scripts/catalog.js'
import { callScript } from '../../src/scripts/invoke.js'
import type { Command, CommandResult, Session } from '../../src/transport/transport.js'

const boot = '{"type":"result","contract":1,"ok":true,"data":{"bootId":"b7","uptimeMs":12,"ready":true}}\r\n'

interface Answer {
  chunks?: string[]
  result?: Partial<CommandResult>
  seen?: Command[]
}

/** A session whose far end prints these chunks and ends so. */
function session({ chunks = [], result = {}, seen = [] }: Answer): Session {
  const refuse = () => Promise.reject(new Error('not in this test'))
  return {
    async run(command, options) {
      seen.push(command)
      for (const chunk of chunks) options?.onStdout?.(new TextEncoder().encode(chunk))
      const ended = { exitCode: 0, durationMs: 1, timedOut: false, canceled: false, connectionLost: false }
      return { ...ended, stdout: chunks.join(''), stderr: '', ...result }
    },
    upload: refuse,
    download: refuse,
    close: async () => {},
    closed: false,
  }
}

async function failure(answer: Answer): Promise<unknown> {
  return callScript(session(answer), 'Get-BootState', {}, { timeoutMs: 5000 }).then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('calling a script', () => {
  it('sends the call on stdin and returns the data of the envelope', async () => {
    const seen: Command[] = []
    const data = await callScript(session({ chunks: [boot], seen }), 'Get-BootState', {})
    expect(data).toEqual({ bootId: 'b7', uptimeMs: 12, ready: true })
    expect(decodeCall(String(seen[0]?.stdin)).name).toBe('Get-BootState')
  })

  it('passes progress on in order, whatever the chunks cut through', async () => {
    const lines = `{"type":"progress","percent":5}\r\nnoise of something else\n{"type":"progress","note":"caf\\u00e9"}\n${boot}`
    const chunks = lines.match(/[\s\S]{1,7}/g) ?? []
    const progress: ScriptProgress[] = []
    await callScript(session({ chunks }), 'Get-BootState', {}, { onProgress: p => progress.push(p) })
    expect(progress).toEqual([{ percent: 5 }, { note: 'café' }])
  })

  it('reads a long line that comes in many pieces, and what follows it', async () => {
    const note = 'x'.repeat(2_000_000)
    const lines = `{"type":"progress","note":"${note}"}\n${boot}`
    const progress: ScriptProgress[] = []
    const chunks = lines.match(/[\s\S]{1,50}/g) ?? []
    await callScript(session({ chunks }), 'Get-BootState', {}, { onProgress: p => progress.push(p) })
    expect(progress).toEqual([{ note }])
  })

  it('takes an envelope without a line end, and one whose connection went right after it', async () => {
    const result = { exitCode: null, connectionLost: true }
    expect(await callScript(session({ chunks: [boot.trimEnd()], result }), 'Get-BootState', {})).toHaveProperty(
      'bootId',
      'b7',
    )
  })

  it('throws what the script says went wrong, with its code and hint', async () => {
    const error = { code: 'RUN_ARMED', message: 'run r1 is armed here', hint: 'wait' }
    const thrown = await failure({ chunks: [JSON.stringify({ type: 'result', contract: 1, ok: false, error })] })
    expect(thrown).toBeInstanceOf(ScriptError)
    expect(thrown).toMatchObject(error)
  })

  it('refuses an envelope of another contract, also a successful one', async () => {
    const thrown = await failure({ chunks: [boot.replace('"contract":1', '"contract":2')] })
    expect(thrown).toMatchObject({ code: 'SCRIPT_CONTRACT' })
  })

  it.for<[string, string, string]>([
    ['nothing', 'null', ''],
    ['a number', '5', ''],
    ['a list', '[]', ''],
    ['nothing of what it should have', '{}', 'bootId'],
    ['a value of another kind', '{"bootId":"b7","uptimeMs":"long","ready":true}', 'uptimeMs'],
    ['no end of lists', `${'['.repeat(5000)}${']'.repeat(5000)}`, ''],
  ])('refuses an answer that is %s, and says where', async ([, data, place]) => {
    const thrown = await failure({ chunks: [`{"type":"result","contract":1,"ok":true,"data":${data}}\n`] })
    expect(thrown).toBeInstanceOf(ScriptError)
    expect(thrown).toMatchObject({
      code: 'SCRIPT_CONTRACT',
      message: expect.stringContaining(place),
      hint: expect.any(String),
    })
  })

  it('takes an answer that has more than it should', async () => {
    const data = await callScript(
      session({ chunks: [boot.replace('"ready"', '"later":[1],"ready"')] }),
      'Get-BootState',
      {},
    )
    expect(data).toMatchObject({ bootId: 'b7', later: [1] })
  })

  it('passes no progress on that is none', async () => {
    const lines = [
      { services: 5 },
      { percent: 'half' },
      { entry: { seq: 1, at: 'now', type: 'exit', code: 'zero' } },
      { entry: { type: 'note' } },
      { entry: { seq: 2, at: 'now', type: 'of a later script' } },
      { entry: { seq: 3, at: 'now', type: 'exit', code: 0 }, percent: 100 },
    ]
    const chunks = [...lines.map(line => `${JSON.stringify({ type: 'progress', ...line })}\n`), boot]
    const progress: ScriptProgress[] = []
    await callScript(session({ chunks }), 'Get-BootState', {}, { onProgress: p => progress.push(p) })
    expect(progress).toEqual(lines.slice(4))
  })

  it('takes no code for one that is none, and no more of the words than anybody reads', async () => {
    const error = { code: '\u001B[2J', message: 'x'.repeat(1_000_000), hint: 5 }
    const thrown = await failure({ chunks: [JSON.stringify({ type: 'result', contract: 1, ok: false, error })] })
    expect(thrown).toMatchObject({ code: 'SCRIPT_FAILED', message: 'x'.repeat(4000) })
  })

  it('without an envelope says the first lines of stderr, out of their CLIXML', async () => {
    const stderr =
      '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj S="progress"><MS><I64 N="x">1</I64></MS></Obj>' +
      '<S S="Error">Unexpected token &apos;in&apos;_x000D__x000A_</S><S S="Error">At line:1 char:7_x000D__x000A_</S></Objs>'
    const thrown = await failure({ result: { exitCode: 1, stderr } })
    expect(thrown).toMatchObject({ code: 'SCRIPT_NO_RESULT' })
    expect((thrown as Error).message).toContain("(exit code 1): Unexpected token 'in'; At line:1 char:7")
  })

  it('without an envelope and without stderr says what was printed instead', async () => {
    const thrown = await failure({ chunks: ["'powershell.exe' is not recognized\r\n"], result: { exitCode: 9009 } })
    expect((thrown as Error).message).toContain("'powershell.exe' is not recognized")
  })

  it.for([
    ['POWERSHELL_CONSTRAINED', '+ FullyQualifiedErrorId : MethodInvocationNotSupportedInConstrainedLanguage'],
    ['SERVER_EXHAUSTED', "Exception of type 'System.OutOfMemoryException' was thrown."],
    ['SERVER_EXHAUSTED', 'The paging file is too small for this operation to complete.'],
    ['POWERSHELL_BLOCKED', 'This program is blocked by group policy.'],
  ])('without an envelope names what is in the way of PowerShell: %s', async ([code, said]) => {
    const thrown = await failure({ result: { exitCode: 1, stderr: `one\r\ntwo\r\nthree\r\n${said}\r\n` } })
    expect(thrown).toMatchObject({ code, hint: expect.any(String) })
  })

  it('tells a lost connection from a time-out', async () => {
    const lost = await failure({ result: { exitCode: null, connectionLost: true } })
    expect(lost).toBeInstanceOf(TransferError)
    expect(lost).toMatchObject({ code: 'CONNECTION_LOST' })
    const late = await failure({ result: { exitCode: null, timedOut: true } })
    expect(late).toBeInstanceOf(ScriptError)
    expect(late).toMatchObject({ code: 'SCRIPT_TIMEOUT' })
  })

  it('throws the reason of the signal that ended it', async () => {
    const reason = new Error('stopped by hand')
    const result = { exitCode: null, canceled: true }
    const call = callScript(session({ result }), 'Get-BootState', {}, { signal: AbortSignal.abort(reason) })
    await expect(call).rejects.toBe(reason)
  })
})
