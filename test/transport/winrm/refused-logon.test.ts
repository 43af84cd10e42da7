import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import { makeLabCertificates } from '../../../src/lab/endpoint/winrm/certificate.js'
import { markOf } from '../../../src/process-mark.js'
import { openSecrets } from '../../../src/secrets/secrets.js'
import { Channel } from '../../../src/transport/winrm/channel/channel.js'
import { ChannelPool } from '../../../src/transport/winrm/channel/channel-pool.js'
import { ShellRecord } from '../../../src/transport/winrm/shell-record.js'
import { readTarget } from '../../../src/transport/winrm/target.js'
import { startRelay } from '../relay.js'
import { type Listener, serverAt, startListener, transportTo } from './listener.js'

let listener: Listener
let refused: number

beforeEach(async () => {
  listener = await startListener()
  refused = 0
})
afterEach(() => listener.close())

/** From now on the account has another password. */
function changePassword({ host }: Listener): void {
  host.passwordOf = () => 'another'
  host.logon = () => {
    refused += 1
    return false
  }
}

describe('a password that is refused', () => {
  it('is sent once, however many connections are wanted at once and after', async () => {
    changePassword(listener)
    const target = await readTarget(serverAt(listener.port), openSecrets({ env: { PASSWORD: 'right' } }))
    const pool = new ChannelPool(signal => Channel.open(target, signal))
    const wanted = () => pool.use(async () => undefined)
    const verdicts = await Promise.allSettled([wanted(), wanted(), wanted()])
    await expect(wanted()).rejects.toBeInstanceOf(AuthError)
    expect(verdicts.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(refused).toBe(1)
    pool.close()
  })

  it.for(['negotiate', 'basic'] as const)(
    'is sent once with %s although shells of an exroll that was killed are to be deleted first',
    async auth => {
      const { tls } = await makeLabCertificates('exadmin')
      const secured = await startListener({}, { tls })
      const overTls = { scheme: 'https', unverified: true, auth } as const
      const folder = mkdtempSync(join(tmpdir(), 'exroll-shells-'))
      try {
        // No process has this number: the largest of Linux is 4,194,304.
        const gone = new ShellRecord(folder, { ...markOf(process.pid), pid: 99_999_999 })
        await transportTo(secured.port, overTls, gone).connect()
        changePassword(secured)
        const connecting = transportTo(secured.port, overTls, new ShellRecord(folder)).connect()
        await expect(connecting).rejects.toMatchObject({ code: 'AUTH_FAILED' })
        expect(refused).toBe(1)
      } finally {
        await secured.close()
        rmSync(folder, { recursive: true })
      }
    },
  )

  it('is sent once after a lost session, whose shells are to be deleted; told to whoever connects next', async () => {
    const relay = await startRelay(listener.port)
    const transport = transportTo(relay.port)
    const session = await transport.connect()
    const onStdout = () => {
      changePassword(listener)
      relay.cut()
    }
    const lost = await session.run({ line: 'echo on& ping -n 600 127.0.0.1 >nul' }, { onStdout })
    expect(lost.connectionLost).toBe(true)
    await expect(transport.connect()).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    expect(refused).toBe(1)
    // The operator tries again.
    await expect(transport.connect()).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    expect(refused).toBe(2)
    await relay.close()
  })
})
