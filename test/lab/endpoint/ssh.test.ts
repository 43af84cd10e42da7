import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Client } from 'ssh2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeHostKey } from '../../../src/lab/endpoint/host-key.js'
import { type SshEndpoint, startSshEndpoint } from '../../../src/lab/endpoint/ssh.js'
import { MemoryHost } from './memory-host.js'
import { connectClient, get, openSftp, put, startCommand } from './ssh2-client.js'

describe('an SSH endpoint', () => {
  let host: MemoryHost
  const endpoints: SshEndpoint[] = []
  const clients: Client[] = []

  const start = async (): Promise<SshEndpoint> => {
    const endpoint = await startSshEndpoint({ host, hostKey: makeHostKey() })
    endpoints.push(endpoint)
    return endpoint
  }
  const logOn = async (endpoint: SshEndpoint): Promise<Client> => {
    const client = await connectClient(endpoint.port)
    client.on('error', () => {})
    clients.push(client)
    return client
  }

  beforeEach(() => {
    host = new MemoryHost()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end()
    await Promise.all(endpoints.splice(0).map(endpoint => endpoint.close()))
  })

  it.each([0, 1, 1603, 3010, 0x80070643])('hands the exit code %i over as 32 unsigned bits', async code => {
    const client = await logOn(await start())
    const run = await startCommand(client, `exit ${code}`)
    expect(await run.ended).toBe(code)
  })

  it('says negative codes as Windows keeps them', async () => {
    const client = await logOn(await start())
    expect(await (await startCommand(client, 'exit -1')).ended).toBe(0xffffffff)
    expect(await (await startCommand(client, 'exit 0x80070001')).ended).toBe(0x80070001)
  })

  it('loses nothing of much output on both streams, whatever the window', async () => {
    const piece = 'x'.repeat(64 * 1024)
    host.exec = async channel => {
      for (let turn = 0; turn < 80; turn += 1) {
        channel.stdout(`${piece}${turn}\n`)
        channel.stderr(`${turn}\n${piece}`)
      }
      return 0
    }
    const client = await logOn(await start())
    const run = await startCommand(client, 'anything')
    expect(await run.ended).toBe(0)
    const turns = Array.from({ length: 80 }, (_, turn) => turn)
    expect(run.stdout).toBe(turns.map(turn => `${piece}${turn}\n`).join(''))
    expect(run.stderr).toBe(turns.map(turn => `${turn}\n${piece}`).join(''))
  })

  it('sends output while the command still runs', async () => {
    host.exec = async channel => {
      channel.stdout('first')
      for await (const chunk of channel.stdin) channel.stdout(chunk)
      return 5
    }
    const client = await logOn(await start())
    const run = await startCommand(client, 'anything')
    await until(() => run.stdout === 'first')
    run.channel.end('ähnlich ✓')
    expect(await run.ended).toBe(5)
    expect(run.stdout).toBe('firstähnlich ✓')
  })

  it('ends a command whose client went away', async () => {
    const aborted = new Promise<void>(resolve => {
      host.exec = channel =>
        new Promise(done => {
          channel.signal.addEventListener('abort', () => {
            resolve()
            done(1)
          })
        })
    })
    const client = await logOn(await start())
    const run = await startCommand(client, 'anything')
    run.channel.close()
    await aborted
  })

  it('keeps serving when a command of the simulated server throws', async () => {
    host.exec = () => Promise.reject(new Error('no such thing'))
    const client = await logOn(await start())
    const run = await startCommand(client, 'anything')
    expect(await run.ended).toBe(1)
    expect(run.stderr).toContain('no such thing')
    host.exec = async () => 0
    expect(await (await startCommand(client, 'anything')).ended).toBe(0)
  })

  it('calls the logon once a try, with nothing asked for a client that sends no password', async () => {
    const endpoint = await start()
    await expect(connectClient(endpoint.port, 'wrong')).rejects.toThrow(/authentication/i)
    expect(host.logons).toEqual(['exadmin'])
    await logOn(endpoint)
    expect(host.logons).toEqual(['exadmin', 'exadmin'])
  })

  it('opens ten sessions a connection and no eleventh, as sshd does', async () => {
    host.exec = channel => new Promise(done => channel.signal.addEventListener('abort', () => done(1)))
    const client = await logOn(await start())
    const runs = []
    for (let turn = 0; turn < 10; turn += 1) runs.push(await startCommand(client, 'wait'))
    await expect(startCommand(client, 'wait')).rejects.toThrow(/open failure/i)
    runs[0]?.channel.close()
    await runs[0]?.ended
    expect((await startCommand(client, 'wait')).channel.readable).toBe(true)
  })

  it('cuts every connection at once when the line is cut, and takes new ones', async () => {
    host.exec = channel => new Promise(done => channel.signal.addEventListener('abort', () => done(1)))
    const endpoint = await start()
    const both = [await logOn(endpoint), await logOn(endpoint)]
    const runs = await Promise.all(both.map(client => startCommand(client, 'wait')))
    const gone = Promise.all(both.map(closed))
    host.network.cut()
    await gone
    expect(await Promise.all(runs.map(run => run.ended))).toEqual([null, null])
    host.exec = async () => 0
    expect(await (await startCommand(await logOn(endpoint), 'again')).ended).toBe(0)
  })

  it('leaves a short file where an upload was cut', async () => {
    const endpoint = await start()
    const client = await logOn(endpoint)
    const sftp = await openSftp(client)
    const handle = await new Promise<Buffer>((resolve, reject) =>
      sftp.open('/C:/half.bin', 'w', (error, opened) => (error ? reject(error) : resolve(opened))),
    )
    await new Promise(resolve => sftp.write(handle, Buffer.from('half of it'), 0, 10, 0, resolve))
    expect(host.files.stat('C:\\half.bin')?.bytes).toBe(0)
    const gone = closed(client)
    host.network.cut()
    await gone
    await until(() => host.files.stat('C:\\half.bin')?.bytes === 10)
  })

  it('flips one byte of the next upload, once', async () => {
    const client = await logOn(await start())
    const sftp = await openSftp(client)
    const sent = randomBytes(5000)
    host.network.damage = true
    await put(sftp, 'C:/a.bin', sent)
    const held = host.files.read('C:\\a.bin')
    expect(held).toHaveLength(sent.length)
    expect([...held].filter((byte, index) => byte !== sent[index])).toHaveLength(1)
    await put(sftp, 'C:/a.bin', sent)
    expect(Buffer.compare(host.files.read('C:\\a.bin'), sent)).toBe(0)
  })

  it('keeps damage for a file that has a byte to flip', async () => {
    const sftp = await openSftp(await logOn(await start()))
    host.network.damage = true
    await put(sftp, 'C:/empty.bin', Buffer.alloc(0))
    expect(host.network.damage).toBe(true)
    expect(host.files.read('C:\\empty.bin')).toHaveLength(0)
  })

  it('keeps bytes and their order on a slow line, both ways', async () => {
    host.network.delayMs = 20
    host.network.bytesPerSecond = 4_000_000
    const client = await logOn(await start())
    const sftp = await openSftp(client)
    const sent = randomBytes(700_000)
    await put(sftp, 'C:/slow.bin', sent)
    expect(Buffer.compare(host.files.read('C:\\slow.bin'), sent)).toBe(0)
    expect(Buffer.compare(await get(sftp, 'C:/slow.bin'), sent)).toBe(0)
    const run = await startCommand(client, 'findstr "^"')
    run.channel.end('in order')
    expect(await run.ended).toBe(0)
    expect(run.stdout).toBe('in order')
  })

  it('shows a reader what a growing file has gained', async () => {
    host.files.write('C:\\grows.log', Buffer.from('one'))
    const sftp = await openSftp(await logOn(await start()))
    const handle = await new Promise<Buffer>((resolve, reject) =>
      sftp.open('/C:/grows.log', 'r', (error, opened) => (error ? reject(error) : resolve(opened))),
    )
    const read = (at: number): Promise<string> =>
      new Promise((resolve, reject) => {
        const room = Buffer.alloc(16)
        sftp.read(handle, room, 0, 16, at, (error, bytes, data) =>
          error ? reject(error) : resolve(data.subarray(0, bytes).toString()),
        )
      })
    expect(await read(0)).toBe('one')
    host.files.append('C:\\grows.log', Buffer.from('two'))
    expect(await read(3)).toBe('two')
  })

  it('refuses connections where the server is down from the start, and comes up by itself', async () => {
    host.network.down = true
    const endpoint = await start()
    await expect(dialled(endpoint.port)).rejects.toThrow(/ECONNREFUSED/)
    host.network.down = false
    await until(() =>
      dialled(endpoint.port).then(
        () => true,
        () => false,
      ),
    )
    await logOn(endpoint)
  })

  it('resets who comes while it is down for a restart, and is there again afterwards', async () => {
    const endpoint = await start()
    host.network.down = true
    await expect(connectClient(endpoint.port)).rejects.toThrow()
    expect(host.logons).toEqual([])
    host.network.down = false
    await logOn(endpoint)
  })

  it('forwards to loopback as a jump host, and nowhere else', async () => {
    const behind = await start()
    const jump = await logOn(await start())
    const stream = await new Promise<import('node:stream').Duplex>((resolve, reject) =>
      jump.forwardOut('127.0.0.1', 0, '127.0.0.1', behind.port, (error, opened) =>
        error ? reject(error) : resolve(opened),
      ),
    )
    const [greeting] = (await once(stream, 'data')) as [Buffer]
    expect(greeting.toString()).toContain('SSH-2.0-OpenSSH_for_Windows')
    const away = new Promise((_, reject) => jump.forwardOut('127.0.0.1', 0, '192.0.2.1', 22, error => reject(error)))
    await expect(away).rejects.toThrow(/open failure/i)
  })

  it('serves a fleet of 300 in one process, each with a key of its own', async () => {
    const fleet = await Promise.all(Array.from({ length: 300 }, () => start()))
    expect(new Set(fleet.map(endpoint => endpoint.port)).size).toBe(300)
    expect(new Set(fleet.map(endpoint => endpoint.fingerprint)).size).toBe(300)
    const last = fleet[299]
    if (last !== undefined) expect(await (await startCommand(await logOn(last), 'exit 9')).ended).toBe(9)
  })
})

/** Once the connection is gone, however it went. */
function closed(client: Client): Promise<void> {
  return new Promise(resolve => client.once('close', () => resolve()))
}

async function dialled(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}

/** Looks again until it is so; the test's own time-out ends a wait in vain. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 20))
}
