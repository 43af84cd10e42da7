import { afterEach, describe, expect, it } from 'vitest'
import { WsmanService } from '../../../../src/lab/endpoint/winrm/wsman-service.js'
import { faultCodes, readFault } from '../../../../src/transport/winrm/soap/fault.js'
import { actions, resources, signals } from '../../../../src/transport/winrm/soap/names.js'
import { readEnvelope, textOf } from '../../../../src/transport/winrm/soap/read.js'
import { type RequestHeader, writeEnvelope, type XmlElement } from '../../../../src/transport/winrm/soap/write.js'
import { MemoryHost } from '../memory-host.js'

const services: WsmanService[] = []
afterEach(() => {
  for (const service of services.splice(0)) service.close()
})

function serve(quotas = {}): WsmanService {
  const service = new WsmanService({ host: new MemoryHost(), quotas })
  services.push(service)
  return service
}

const header: RequestHeader = {
  action: actions.create,
  resourceUri: resources.cmd,
  to: 'http://ex-test-01:5985/wsman',
  messageId: 'uuid:11111111-1111-1111-1111-111111111111',
  sessionId: 'uuid:22222222-2222-2222-2222-222222222222',
  maxEnvelopeSize: 153_600,
  operationTimeoutMs: 200,
}
const shellBody: XmlElement = {
  name: 'rsp:Shell',
  content: [
    { name: 'rsp:InputStreams', content: 'stdin' },
    { name: 'rsp:OutputStreams', content: 'stdout stderr' },
  ],
}

async function ask(service: WsmanService, changes: Partial<RequestHeader>, body?: XmlElement) {
  const { status, envelope: answer } = await service.handle(
    writeEnvelope({ ...header, ...changes }, body).toBuffer(),
    new AbortController().signal,
  )
  const envelope = readEnvelope(answer.toString())
  expect(envelope.relatesTo).toBe(header.messageId)
  return { status, envelope, fault: readFault(envelope.body) }
}

async function createShell(service: WsmanService): Promise<string> {
  const { envelope } = await ask(service, {}, shellBody)
  return textOf(envelope.body[1]?.getElementsByTagName('rsp:ShellId')[0]) ?? ''
}

async function startCommand(service: WsmanService, shell: string, line: string) {
  const body: XmlElement = { name: 'rsp:CommandLine', content: [{ name: 'rsp:Command', content: line }] }
  const answer = await ask(service, { action: actions.command, selectors: { ShellId: shell } }, body)
  return { ...answer, id: textOf(answer.envelope.body[0]?.getElementsByTagName('rsp:CommandId')[0]) ?? '' }
}

const receive = (service: WsmanService, shell: string, id: string) =>
  ask(
    service,
    { action: actions.receive, selectors: { ShellId: shell } },
    {
      name: 'rsp:Receive',
      content: [{ name: 'rsp:DesiredStream', attributes: { CommandId: id }, content: 'stdout stderr' }],
    },
  )

describe('the WS-Management service of a simulated server', () => {
  it.for<[string, number, Partial<RequestHeader>]>([
    ['a message size below 8192', faultCodes.encodingLimit, { maxEnvelopeSize: 8191 }],
    ['an action that it does not know', faultCodes.actionMismatch, { action: 'urn:nothing' }],
    ['a resource that is no shell', faultCodes.resourceNotFound, { resourceUri: 'urn:nothing' }],
    [
      'an option that it does not know and must comply with',
      faultCodes.invalidOptions,
      { options: [{ name: 'NOBODY_KNOWS', value: '1', mustComply: true }] },
    ],
    ['a shell that is not there', faultCodes.notFound, { action: actions.delete, selectors: { ShellId: 'x' } }],
  ])('answers %s with its fault', async ([, code, changes]) => {
    const { status, fault } = await ask(serve(), changes, shellBody)
    expect(status).toBe(500)
    expect(fault?.code).toBe(code)
  })

  it.for(['To', 'ReplyTo', 'Action', 'MessageID', 'ResourceURI'])('refuses a request without %s', async name => {
    const whole = writeEnvelope(header, shellBody).toString()
    const text = whole.replace(new RegExp(`<(\\w+:${name})\\b.*?</\\1>`), '')
    expect(text.length).toBeLessThan(whole.length)
    const { status, envelope: answer } = await serve().handle(Buffer.from(text), new AbortController().signal)
    expect(status).toBe(500)
    expect(readFault(readEnvelope(answer.toString()).body)?.code).toBe(faultCodes.invalidParameter)
  })

  it('refuses a header that has to be understood and is not', async () => {
    const text = writeEnvelope(header, shellBody)
      .toString()
      .replace('</s:Header>', '<q:Odd xmlns:q="urn:q" s:mustUnderstand="true">1</q:Odd></s:Header>')
    expect((await serve().handle(Buffer.from(text), new AbortController().signal)).status).toBe(500)
  })

  it.for(['', 'not xml', '<!DOCTYPE x><x/>', '<x/>'])('answers %j with a fault', async text => {
    expect((await serve().handle(Buffer.from(text), new AbortController().signal)).status).toBe(500)
  })

  it('enumerates its shells in as many answers as the client wants, and a context only once', async () => {
    const service = serve()
    const ids = [await createShell(service), await createShell(service), await createShell(service)]
    const told = ({ envelope }: { envelope: ReturnType<typeof readEnvelope> }, name: string) =>
      [...(envelope.body[0]?.getElementsByTagName(name) ?? [])].map(textOf)
    const enumerate = { action: actions.enumerate, resourceUri: resources.shell }
    const lazy = await ask(service, enumerate, { name: 'n:Enumerate' })
    expect(told(lazy, 'rsp:ShellId')).toEqual([])
    const pull = (count: number): XmlElement => ({
      name: 'n:Pull',
      content: [
        { name: 'n:EnumerationContext', content: told(lazy, 'n:EnumerationContext')[0] ?? '' },
        { name: 'n:MaxElements', content: String(count) },
      ],
    })
    const pulled = await ask(service, { ...enumerate, action: actions.pull }, pull(10))
    expect(told(pulled, 'rsp:ShellId')).toEqual(ids)
    expect(told(pulled, 'n:EndOfSequence')).toHaveLength(1)
    const again = await ask(service, { ...enumerate, action: actions.pull }, pull(10))
    expect(again.fault).toMatchObject({ code: faultCodes.invalidContext, subcode: 'InvalidEnumerationContext' })
  })

  it('takes options that it knows, and ignores others', async () => {
    const options = [
      { name: 'WINRS_NOPROFILE', value: 'TRUE', mustComply: true },
      { name: 'NOBODY_KNOWS', value: '1' },
    ]
    expect((await ask(serve(), { options }, shellBody)).status).toBe(200)
  })

  it('takes no filter in an enumeration of shells', async () => {
    const filtered: XmlElement = { name: 'n:Enumerate', content: [{ name: 'w:Filter', content: 'x' }] }
    const { fault } = await ask(serve(), { action: actions.enumerate, resourceUri: resources.cmd }, filtered)
    expect(fault?.code).toBe(faultCodes.filterNotSupported)
  })

  it('keeps to its quotas', async () => {
    const service = serve({ maxShellsPerUser: 2, maxProcessesPerShell: 2, maxOperationsPerUser: 3 })
    const shell = await createShell(service)
    await createShell(service)
    expect((await ask(service, {}, shellBody)).fault?.code).toBe(faultCodes.maxShells)
    const endless = 'ping -n 600 127.0.0.1 >nul'
    await startCommand(service, shell, endless)
    await startCommand(service, shell, endless)
    expect((await startCommand(service, shell, endless)).fault?.code).toBe(faultCodes.maxCommandsPlugIn)
  })

  it('runs the commands of a shell in its folder, with its environment, as cmd /c would', async () => {
    const service = serve()
    const variable: XmlElement = { name: 'rsp:Variable', attributes: { Name: 'mine' }, content: 'x y' }
    const { envelope } = await ask(
      service,
      {},
      {
        name: 'rsp:Shell',
        content: [
          { name: 'rsp:WorkingDirectory', content: 'C:\\Windows' },
          { name: 'rsp:Environment', content: [variable] },
        ],
      },
    )
    const shell = textOf(envelope.body[1]?.getElementsByTagName('rsp:ShellId')[0]) ?? ''
    const { id } = await startCommand(service, shell, '"cd& echo %MINE%"')
    const { envelope: received } = await receive(service, shell, id)
    const text = [...(received.body[0]?.getElementsByTagName('rsp:Stream') ?? [])].map(textOf).join('')
    expect(Buffer.from(text, 'base64').toString()).toBe('C:\\Windows\r\nx y\r\n')
  })

  it('counts operations until the shell ends: a signal does not lower them', async () => {
    const service = serve({ maxOperationsPerUser: 2 })
    const shell = await createShell(service)
    for (let count = 0; count < 2; count += 1) {
      const { id } = await startCommand(service, shell, 'ver')
      const code: XmlElement = { name: 'rsp:Code', content: signals.terminate }
      await ask(
        service,
        { action: actions.signal, selectors: { ShellId: shell } },
        { name: 'rsp:Signal', attributes: { CommandId: id }, content: [code] },
      )
    }
    expect((await startCommand(service, shell, 'ver')).fault?.code).toBe(faultCodes.maxOperations)
    await ask(service, { action: actions.delete, selectors: { ShellId: shell } })
    expect((await startCommand(service, await createShell(service), 'ver')).fault).toBeUndefined()
  })

  it('answers Receive with 2150858793 when there is nothing to tell, and takes one at a time', async () => {
    const service = serve()
    const shell = await createShell(service)
    const { id } = await startCommand(service, shell, 'ping -n 600 127.0.0.1 >nul')
    const [first, second] = await Promise.all([receive(service, shell, id), receive(service, shell, id)])
    expect(first.fault?.code).toBe(faultCodes.timedOut)
    expect(second.fault?.code).toBe(faultCodes.concurrency)
  })

  it('takes a command line of 8,191 characters and no longer one', async () => {
    const service = serve()
    const shell = await createShell(service)
    expect((await startCommand(service, shell, `echo ${'x'.repeat(8186)}`)).fault).toBeUndefined()
    expect((await startCommand(service, shell, `echo ${'x'.repeat(8187)}`)).fault?.code).toBe(faultCodes.lineTooLong)
  })

  it('makes no answer longer than the client wants it', async () => {
    const service = serve()
    const shell = await createShell(service)
    const { id } = await startCommand(service, shell, `echo ${'x'.repeat(8000)}& echo ${'y'.repeat(100)}`)
    const body: XmlElement = {
      name: 'rsp:Receive',
      content: [{ name: 'rsp:DesiredStream', attributes: { CommandId: id }, content: 'stdout stderr' }],
    }
    const small = { action: actions.receive, selectors: { ShellId: shell }, maxEnvelopeSize: 8192 }
    const text = writeEnvelope({ ...header, ...small }, body).toBuffer()
    const answer = await service.handle(text, new AbortController().signal)
    expect(answer.envelope.bytes).toBeLessThanOrEqual(8192)
  })
})
