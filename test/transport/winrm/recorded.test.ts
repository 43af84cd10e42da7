import { afterEach, describe, expect, it } from 'vitest'
import { runInShell } from '../../../src/transport/winrm/shell/run-command.js'
import { Shell } from '../../../src/transport/winrm/shell/shell.js'
import { faultCodes, readFault } from '../../../src/transport/winrm/soap/fault.js'
import { readEnvelope } from '../../../src/transport/winrm/soap/read.js'
import { FaultError } from '../../../src/transport/winrm/wsman/client.js'
import { readEnvelopeLimit } from '../../../src/transport/winrm/wsman/service-config.js'
import type { Answering } from './answering.js'
import { hasRecorded, meaning, recorded, recordedNames, replay } from './recorded.js'

const viaCmd = [{ name: 'WINRS_SKIP_CMD_SHELL', value: 'False' }]
const withoutCmd = [{ name: 'WINRS_SKIP_CMD_SHELL', value: 'True' }]

describe.skipIf(!hasRecorded)('traffic recorded with real Windows (skipped where ../shared is missing)', () => {
  let playing: Answering

  afterEach(async () => {
    await playing?.close()
  })

  /** Lets `act` talk to the recording; afterwards what was sent has to say what was recorded. */
  async function talk(name: string, act: (replaying: Answering) => Promise<void>): Promise<void> {
    const messages = recorded(name)
    // The recordings ask for 20 s, one for 10 s.
    const seconds = Number(/OperationTimeout>PT(\d+)S</.exec(messages[0]?.request ?? '')?.[1])
    playing = await replay(messages, seconds * 1000)
    await act(playing)
    expect(playing.requests).toHaveLength(messages.length)
    for (const [index, { request }] of messages.entries()) {
      expect(meaning(playing.requests[index] ?? '')).toEqual(meaning(request))
    }
  }

  const text = (bytes: Buffer) => bytes.toString('utf8')

  it('runs a command: Create, Command, Receive, Signal, Delete', () =>
    talk('winrs_standard', async ({ client }) => {
      const shell = await Shell.create(client)
      expect(shell.id).toBe('4283CBDC-3706-415B-88BD-B385F3E51A53')
      const id = await shell.command('cmd.exe', ['/c', 'echo', 'hi'], viaCmd)
      const { stdout, stderr, done, exitCode } = await shell.receive(id)
      expect([text(stdout), text(stderr), done, exitCode]).toEqual(['hi\r\n', '', true, 0])
      await shell.signal(id, 'ctrlC')
      await shell.delete()
    }))

  it('takes stderr and an exit code', () =>
    talk('winrs_stderr_rc', async ({ client }) => {
      const shell = await Shell.create(client)
      const id = await shell.command('cmd.exe', ['/c echo out && echo err>&2 && exit 1'], viaCmd)
      const { stdout, stderr, done, exitCode } = await shell.receive(id)
      expect([text(stdout).trim(), text(stderr).trim(), done, exitCode]).toEqual(['out', 'err', true, 1])
      await shell.signal(id, 'ctrlC')
      await shell.delete()
    }))

  it('sets the environment of a shell', () =>
    talk('winrs_environment', async ({ client }) => {
      const awkward = '_-(){}[]<>*+-/\\?"!@#$^&|;:i,.`~0'
      const shell = await Shell.create(client, { environment: { env1: 'var1', '1234': '5678', [awkward]: awkward } })
      const id = await shell.command('cmd.exe', ['/c', 'set'], viaCmd)
      const { stdout, done } = await shell.receive(id)
      expect(done).toBe(true)
      expect(text(stdout)).toContain('env1=var1')
      expect(text(stdout)).toContain(`${awkward}=${awkward}`)
      await shell.signal(id, 'ctrlC')
      await shell.delete()
    }))

  it('asks for a shell without a profile, which the server must know', () =>
    talk('winrs_noprofile', async ({ client }) => {
      const recordedCreate = recorded('winrs_noprofile')[0]?.request ?? ''
      const shell = await Shell.create(client, {
        ...shellPartsOf(recordedCreate),
        options: [{ name: 'WINRS_NOPROFILE', value: 'TRUE', mustComply: true }],
      })
      const id = await shell.command('cmd.exe', ['/c', 'set'], viaCmd)
      expect(text((await shell.receive(id)).stdout)).toContain('USERNAME=')
      await shell.signal(id, 'ctrlC')
      await shell.delete()
    }))

  it('hands input over in two pieces, the last of which says so', () =>
    talk('winrs_send', async ({ client }) => {
      const shell = await Shell.create(client)
      const id = await shell.command('powershell.exe', ['-'], viaCmd)
      await shell.send(id, Buffer.from('Write-Host "output 1";'), false)
      await shell.send(id, Buffer.from('Write-Host "output 2";'), true)
      const { stdout, done } = await shell.receive(id)
      expect(text(stdout)).toContain('output 1\noutput 2\n')
      expect(done).toBe(true)
      await shell.signal(id, 'ctrlC')
      await shell.delete()
    }))

  it('asks again after 2150858793', () =>
    talk('winrs_operation_timeout', async ({ client }) => {
      const shell = await Shell.create(client)
      const line = 'Write-Host hi; Start-Sleep 30; Write-Host hi again'
      const id = await shell.command('powershell.exe', [line], viaCmd)
      expect(text((await shell.receive(id)).stdout)).toBe('hi\n')
      for (const _ of [1, 2]) {
        const error = await shell.receive(id).catch(error => error)
        expect(error).toBeInstanceOf(FaultError)
        expect(error.fault).toMatchObject({ code: faultCodes.timedOut, subcode: 'TimedOut' })
      }
      const last = await shell.receive(id)
      expect([text(last.stdout), last.done, last.exitCode]).toEqual(['hi again\n', true, 0])
      await shell.signal(id, 'ctrlC')
      await shell.delete()
    }))

  it('says what Windows said of a program that is not there, and goes on in the shell', () =>
    talk('winrs_no_cmd_shell', async ({ client }) => {
      const shell = await Shell.create(client)
      const error = await shell.command('powershell.exe', ['Write-Host', 'hi'], withoutCmd).catch(error => error)
      expect(error.fault).toMatchObject({ code: faultCodes.fileNotFound })
      const whole = 'C:\\Windows\\system32\\WindowsPowerShell\\v1.0\\powershell.exe'
      const id = await shell.command(whole, ['Write-Host', 'hi'], withoutCmd)
      expect(text((await shell.receive(id)).stdout)).toBe('hi\n')
      await shell.signal(id, 'ctrlC')
      await shell.delete()
    }))

  it('is told that a command is not there, and ends the one that is', () =>
    talk('winrs_bad_cmd_id', async ({ client }) => {
      const shell = await Shell.create(client)
      const id = await shell.command('cmd.exe', ['/c', 'echo', 'hi'], viaCmd)
      const other = /DesiredStream CommandId="([^"]+)"/.exec(recorded('winrs_bad_cmd_id')[2]?.request ?? '')?.[1]
      const error = await shell.receive(other ?? '').catch(error => error)
      expect(error.fault).toMatchObject({ code: faultCodes.notFound })
      await shell.signal(id, 'ctrlC')
      await shell.delete()
    }))

  it('is told that the shell itself says nothing', () =>
    talk('winrs_fail_poll_process', async ({ client }) => {
      const shell = await Shell.create(client)
      const error = await shell.receive(undefined).catch(error => error)
      expect(error).toMatchObject({ fault: { code: faultCodes.invalidParameter }, kind: 'invalidParameter' })
      await shell.delete()
    }))

  it('reads the faults of a command that is not there', async () => {
    const faultOf = (name: string, index: number) => readFault(readEnvelope(recorded(name)[index]?.response ?? '').body)
    expect(faultOf('winrs_bad_cmd_id', 2)).toMatchObject({ code: faultCodes.notFound })
    expect(faultOf('winrs_fail_poll_process', 1)).toEqual({
      code: faultCodes.invalidParameter,
      subcode: 'InvalidParameter',
      reason: 'The parameter is incorrect.',
    })
    expect(faultOf('psrp_receive_failure', 3)).toMatchObject({ code: faultCodes.notFound })
  })

  it('reads MaxEnvelopeSizekb of the server', () =>
    talk('wsman_update_envelope_size_150', async ({ client }) => {
      expect(await readEnvelopeLimit(client)).toBe(150 * 1024)
    }))

  it('runs a whole command over a recording: waits, joins the output, gives the exit code, says goodbye', async () => {
    const goodbye = recorded('winrs_standard')
    const input = recorded('winrs_send').filter(({ request }) => /shell\/Send</.test(request))
    const messages = recorded('winrs_operation_timeout')
    playing = await replay([...messages, ...input, ...goodbye.slice(-2)])
    const shell = await Shell.create(playing.client)
    const heard: string[] = []
    const result = await runInShell(
      shell,
      'recorded',
      { line: 'powershell.exe Write-Host hi' },
      { payloadBytes: 1000, onStdout: chunk => void heard.push(Buffer.from(chunk).toString()) },
    )
    expect(result).toMatchObject({ exitCode: 0, stdout: 'hi\nhi again\n', connectionLost: false, timedOut: false })
    expect(heard).toEqual(['hi\n', 'hi again\n'])
    await shell.delete()
  })

  it.for(recordedNames().filter(name => name.startsWith('psrp_')))(
    'goes through a session of PowerShell remoting, and takes every byte of its streams: %s',
    async name => {
      const messages = recorded(name)
      playing = await replay(messages)
      const shell = await Shell.create(playing.client)
      for (const { request, response } of messages.slice(1)) {
        const id = /CommandId="([^"]+)"/.exec(request)?.[1]
        if (request.includes('shell/Command<')) {
          expect(await shell.command('', [], [])).toBe(/CommandId>([^<]+)</.exec(response)?.[1])
        } else if (request.includes('shell/Send<')) {
          await shell.send(id ?? shell.id, Buffer.from('input'), false)
        } else if (request.includes('shell/Receive<') && response.includes(':Fault')) {
          await expect(shell.receive(id)).rejects.toBeInstanceOf(FaultError)
        } else if (request.includes('shell/Receive<')) {
          const pieces = [...response.matchAll(/<rsp:Stream [^>]*>([^<]*)</g)].map(([, text]) => text ?? '')
          const recordedBytes = Buffer.concat(pieces.map(text => Buffer.from(text, 'base64')))
          const { stdout, done } = await shell.receive(id)
          expect(stdout.equals(recordedBytes)).toBe(true)
          expect(done).toBe(response.includes('CommandState/Done'))
        }
      }
      await shell.delete()
      expect(playing.requests).toHaveLength(messages.length)
    },
  )

  it('reads every answer of every recording, PowerShell remoting too', () => {
    const names = recordedNames()
    expect(names.length).toBeGreaterThan(10)
    for (const name of names) {
      for (const { response, transport_error } of recorded(name)) {
        const { action, body, relatesTo } = readEnvelope(response)
        expect(relatesTo).toMatch(/^uuid:/)
        expect(action).not.toBe('')
        if (transport_error !== undefined) expect(readFault(body)).toBeDefined()
      }
    }
  })
})

/** Working directory and idle time-out of a recorded Create. */
function shellPartsOf(request: string): { workingDirectory?: string; idleTimeoutMs?: number } {
  const directory = /<rsp:WorkingDirectory>([^<]*)</.exec(request)?.[1]
  const seconds = /<rsp:IdleTimeOut>PT([\d.]+)S</.exec(request)?.[1]
  return {
    ...(directory !== undefined && { workingDirectory: directory }),
    ...(seconds !== undefined && { idleTimeoutMs: Number(seconds) * 1000 }),
  }
}
