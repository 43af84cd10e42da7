import { afterEach, describe, expect, it, vi } from 'vitest'
import { ToolError } from '../../../src/errors.js'
import { type Received, receivedIn, referenceIn } from '../../../src/transport/winrm/shell/answers.js'
import { runInShell } from '../../../src/transport/winrm/shell/run-command.js'
import { Shell } from '../../../src/transport/winrm/shell/shell.js'
import { faultCodes } from '../../../src/transport/winrm/soap/fault.js'
import { commandDone, namespaces, resources } from '../../../src/transport/winrm/soap/names.js'
import { readEnvelope } from '../../../src/transport/winrm/soap/read.js'
import { type Answer, type Answering, type Asked, startAnswering } from './answering.js'
import { transportTo } from './listener.js'

const { s, a, x, w, rsp } = namespaces
const id = 'B6F1A0C2-0000-4000-8000-000000000001'

/** An answer as Windows writes it. `relatesTo` = undefined: it does not say what it answers. */
function envelope(body: string, relatesTo?: string): string {
  const related = relatesTo === undefined ? '' : `<a:RelatesTo>${relatesTo}</a:RelatesTo>`
  return (
    `<s:Envelope xmlns:s="${s}" xmlns:a="${a}" xmlns:x="${x}" xmlns:w="${w}" xmlns:rsp="${rsp}">` +
    `<s:Header>${related}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
  )
}

const bodyOf = (body: string) => readEnvelope(envelope(body)).body
const base64 = (text: string) => Buffer.from(text).toString('base64')
const stream = (content: string, attributes = `Name="stdout" CommandId="${id}"`) =>
  `<rsp:Stream ${attributes}>${content}</rsp:Stream>`
const done = (inner: string, command = ` CommandId="${id}"`) =>
  `<rsp:CommandState${command} State="${commandDone}">${inner}</rsp:CommandState>`
const running = `<rsp:CommandState CommandId="${id}" State="${rsp}/CommandState/Running"/>`
const receiveResponse = (inner: string) => `<rsp:ReceiveResponse>${inner}</rsp:ReceiveResponse>`

const created = (inner: string) =>
  `<x:ResourceCreated><a:ReferenceParameters>${inner}</a:ReferenceParameters></x:ResourceCreated>`
const selectors = `<w:SelectorSet><w:Selector Name="ShellId">${id}</w:Selector></w:SelectorSet>`

describe('a shell is known from', () => {
  it.for<[string, string, string]>([
    ['its reference', created(`<w:ResourceURI>${resources.cmd}</w:ResourceURI>${selectors}`), resources.cmd],
    [
      'a reference to a resource of its own',
      created(`<w:ResourceURI> urn:mine\n</w:ResourceURI>${selectors}`),
      'urn:mine',
    ],
    ['a reference without a resource', created(selectors), resources.cmd],
    ['itself alone', `<rsp:Shell><rsp:ShellId>\r\n\t${id}\r\n</rsp:ShellId></rsp:Shell>`, resources.cmd],
  ])('%s', ([, body, resourceUri]) => {
    expect(referenceIn(bodyOf(body), 'ex-01')).toEqual({ resourceUri, selectors: { ShellId: id } })
  })

  it('all selectors of its reference', () => {
    const two = `<w:SelectorSet><w:Selector Name="Node">n</w:Selector><w:Selector Name="ShellId">${id}</w:Selector></w:SelectorSet>`
    expect(referenceIn(bodyOf(created(two)), 'ex-01').selectors).toEqual({ Node: 'n', ShellId: id })
  })

  it('no answer without an id', () => {
    for (const body of ['', created(''), '<rsp:Shell/>', '<rsp:Shell><rsp:ShellId> </rsp:ShellId></rsp:Shell>']) {
      expect(() => referenceIn(bodyOf(body), 'ex-01')).toThrow(expect.objectContaining({ code: 'ANSWER_INVALID' }))
    }
  })
})

describe('what a command wrote', () => {
  const received = (inner: string): Received => receivedIn(bodyOf(receiveResponse(inner)), 'ex-01')

  it('is joined from all pieces of a stream, each base64 of its own, before it is text', () => {
    const bytes = Buffer.from('möglich')
    const pieces = [bytes.subarray(0, 2), bytes.subarray(2)].map(piece => stream(piece.toString('base64')))
    const other = stream(base64('err'), `CommandId="${id}" Name="stderr"`)
    const { stdout, stderr, done } = received(`${pieces[0]}${other}${pieces[1]}`)
    expect([stdout.toString('utf8'), stderr.toString('utf8'), done]).toEqual(['möglich', 'err', false])
  })

  it.for<[string, string]>([
    ['in lines', stream('\r\n  b25lIHR3\r\n  bw==\r\n')],
    ['without the id of a command', stream(base64('one two'), `Name='stdout'`)],
    ['under a name in capitals', stream(base64('one two'), 'Name="STDOUT"')],
    ['with an id in small letters', stream(base64('one two'), `Name="stdout" CommandId="${id.toLowerCase()}"`)],
    ['with the id of another command', stream(base64('one two'), 'Name="stdout" CommandId="0"')],
    ['beside a stream that nobody asked for', stream(base64('x'), 'Name="pr"') + stream(base64('one two'))],
    ['before the end of the stream', stream(base64('one two')) + stream('', 'Name="stdout" End="true"')],
    ['with a comment in it', stream(`${base64('one two').slice(0, 4)}<!-- x -->${base64('one two').slice(4)}`)],
  ])('is read %s', ([, inner]) => {
    expect(received(inner).stdout.toString()).toBe('one two')
  })

  it.for<[string, string, number | undefined]>([
    ['0', done('<rsp:ExitCode>0</rsp:ExitCode>'), 0],
    ['3010 with white space around', done('<rsp:ExitCode>\r\n 3010 </rsp:ExitCode>'), 3010],
    ['a negative one, as the 32 bits that it is', done('<rsp:ExitCode>-1073741510</rsp:ExitCode>'), 0xc000013a],
    ['the same without a sign', done('<rsp:ExitCode>3221225786</rsp:ExitCode>'), 0xc000013a],
    ['one without the id of a command', done('<rsp:ExitCode>5</rsp:ExitCode>', ''), 5],
    ['none', done(''), undefined],
  ])('ends with the exit code %s', ([, inner, exitCode]) => {
    expect(received(inner)).toMatchObject({ done: true, exitCode })
  })

  it('goes on while the command runs or waits to', () => {
    for (const state of ['Running', 'Pending']) {
      expect(received(`<rsp:CommandState State="${rsp}/CommandState/${state}"/>`)).toMatchObject({ done: false })
    }
  })

  it.for(['4294967296', '-4294967296', '9999999999', '1e3', '0.0', ''])(
    'is not believed with the exit code %s, whose last 32 bits may look like success',
    exitCode => {
      const inner = done(`<rsp:ExitCode>${exitCode}</rsp:ExitCode>`)
      expect(() => received(inner)).toThrow(expect.objectContaining({ code: 'ANSWER_INVALID' }))
    },
  )

  it('is not believed where it is no base64, or the exit code no number', () => {
    for (const inner of [stream('a'), stream('????'), done('<rsp:ExitCode>none</rsp:ExitCode>')]) {
      expect(() => received(inner)).toThrow(expect.objectContaining({ code: 'ANSWER_INVALID' }))
    }
    expect(() => receivedIn(bodyOf('<rsp:SendResponse/>'), 'ex-01')).toThrow('ReceiveResponse')
  })
})

describe('a client of a service', () => {
  let service: Answering

  afterEach(() => service.close())

  /** A shell whose commands get `receive` for an answer to each Receive. */
  async function shellThat(receive: (asked: Asked) => Answer, send?: Answer): Promise<Shell> {
    service = await startAnswering(asked => {
      const bodies: Record<string, string> = {
        Create: created(selectors),
        Command: `<rsp:CommandResponse><rsp:CommandId>${id}</rsp:CommandId></rsp:CommandResponse>`,
        Send: '<rsp:SendResponse/>',
        Signal: '<rsp:SignalResponse/>',
        Delete: '',
      }
      if (asked.action === 'Send' && send !== undefined) return send
      const body = bodies[asked.action]
      return body === undefined ? receive(asked) : { body: envelope(body, asked.messageId) }
    })
    return Shell.create(service.client)
  }

  it.for<[string, (asked: Asked) => Answer]>([
    ['that does not say what it answers', () => ({ body: envelope(receiveResponse(done(''))) })],
    [
      'that calls its envelope XML',
      ({ messageId }) => ({ type: 'text/xml; charset=utf-8', body: envelope(receiveResponse(done('')), messageId) }),
    ],
    [
      'with a byte order mark, a declaration and an empty line behind',
      ({ messageId }) => ({
        body: `\uFEFF<?xml version="1.0" encoding="UTF-8"?>\r\n${envelope(receiveResponse(done('')), messageId.toLowerCase())}\r\n`,
      }),
    ],
    [
      'that has no prefixes',
      ({ messageId }) => ({
        body:
          `<Envelope xmlns='${s}'><Header><RelatesTo xmlns='${a}'>\n${messageId}\n</RelatesTo></Header><Body>` +
          `<ReceiveResponse xmlns='${rsp}'><CommandState State='${commandDone}'/></ReceiveResponse></Body></Envelope>`,
      }),
    ],
  ])('%s reads the answer', async ([, receive]) => {
    const shell = await shellThat(receive)
    expect(await shell.receive(id)).toMatchObject({ done: true })
  })

  it('does not take the answer to another message', async () => {
    const shell = await shellThat(() => ({ body: envelope(receiveResponse(done('')), 'uuid:another') }))
    await expect(shell.receive(id)).rejects.toMatchObject({ code: 'ANSWER_INVALID' })
  })

  it('that has nothing to say, and says so at once for ever, gives the command up and does not rush', async () => {
    const shell = await shellThat(({ messageId }) => ({ body: envelope(receiveResponse(running), messageId) }))
    const silent = runInShell(shell, 'ex-01', { line: 'x' }, { payloadBytes: 1000, silenceLimitMs: 500 })
    await expect(silent).rejects.toMatchObject({ code: 'COMMAND_SILENT' })
    expect(service.requests.filter(text => text.includes('shell/Receive<')).length).toBeLessThan(20)
  })

  it('that says nothing for six hours is given up where the caller has set no limit', async () => {
    let hours = 0
    const now = performance.now.bind(performance)
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + hours * 3_600_000)
    const shell = await shellThat(({ messageId }) => {
      hours += 2
      return { body: envelope(receiveResponse(running), messageId) }
    })
    const silent = runInShell(shell, 'ex-01', { line: 'x' }, { payloadBytes: 1000 })
    await expect(silent).rejects.toMatchObject({ code: 'COMMAND_SILENT' })
    clock.mockRestore()
    expect(service.requests.filter(text => text.includes('shell/Receive<'))).toHaveLength(3)
  })

  it.for<[string, Answer]>([
    ['refuses', { status: 500, body: envelope(`<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code></s:Fault>`) }],
    ['does not know', { status: 500, body: '' }],
    ['says nothing to', { body: '' }],
  ])('that %s the end of an input without anything in it runs the command all the same', async ([, send]) => {
    const shell = await shellThat(
      ({ messageId }) => ({ body: envelope(receiveResponse(done('<rsp:ExitCode>7</rsp:ExitCode>')), messageId) }),
      send,
    )
    expect(await runInShell(shell, 'ex-01', { line: 'x' }, { payloadBytes: 1000 })).toMatchObject({ exitCode: 7 })
  })

  it('that refuses an input with something in it ends the command with an error', async () => {
    const isEnded = (): boolean => service.requests.some(text => text.includes('shell/Signal<'))
    const shell = await shellThat(
      ({ messageId }) => ({ body: envelope(receiveResponse(isEnded() ? done('') : running), messageId) }),
      { status: 500, body: '' },
    )
    const refused = runInShell(shell, 'ex-01', { line: 'x', stdin: 'y' }, { payloadBytes: 1000 })
    await expect(refused).rejects.toMatchObject({ code: 'HTTP_STATUS' })
    expect(isEnded()).toBe(true)
  })

  it.for([2150858843, 1018, 995, 1726, 3221225477])(
    'whose shell has gone under a command has lost it: %d',
    async code => {
      const detail = `<s:Detail><f:WSManFault xmlns:f="${namespaces.f}" Code="${code}"/></s:Detail>`
      const fault = `<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code>${detail}</s:Fault>`
      const shell = await shellThat(({ messageId }) => ({ status: 500, body: envelope(fault, messageId) }))
      const result = await runInShell(shell, 'ex-01', { line: 'x' }, { payloadBytes: 1000 })
      expect(result).toMatchObject({ connectionLost: true, exitCode: null })
    },
  )

  it('that has no room for another shell in a session says which setting it is', async () => {
    const fault = (code: number) =>
      `<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Detail><f:WSManFault xmlns:f="${namespaces.f}" Code="${code}"/></s:Detail></s:Fault>`
    const answers: Record<string, string[]> = {
      Create: [created(selectors), fault(faultCodes.maxShells)],
      Command: [fault(faultCodes.maxOperations)],
      Delete: ['', ''],
    }
    service = await startAnswering(({ action, messageId }) => {
      const body = answers[action]?.shift() ?? fault(faultCodes.invalidParameter)
      return { status: body.includes('Fault') ? 500 : 200, body: envelope(body, messageId) }
    })
    const session = await transportTo(service.port, { auth: 'basic', clearText: true }).connect()
    const error = await session.run({ line: 'x' }).catch(error => error)
    expect(error).toBeInstanceOf(ToolError)
    expect(error).toMatchObject({ code: 'QUOTA_SHELLS', hint: expect.stringContaining('MaxShellsPerUser') })
    await session.close()
  })

  it('tells it all that a new shell may be told, in the order of the schema', async () => {
    service = await startAnswering(({ messageId }) => ({ body: envelope(created(selectors), messageId) }))
    await Shell.create(service.client, {
      workingDirectory: 'C:\\Windows',
      idleTimeoutMs: 60_000,
      lifetimeMs: 90_500,
      name: 'a & b',
      environment: { KEY: '"v"' },
    })
    expect(service.requests[0]).toContain(
      '<rsp:Name>a &amp; b</rsp:Name><rsp:Environment><rsp:Variable Name="KEY">"v"</rsp:Variable></rsp:Environment>' +
        '<rsp:WorkingDirectory>C:\\Windows</rsp:WorkingDirectory><rsp:Lifetime>PT90.5S</rsp:Lifetime>' +
        '<rsp:IdleTimeOut>PT60S</rsp:IdleTimeOut><rsp:InputStreams>stdin</rsp:InputStreams>' +
        '<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>',
    )
  })
})
