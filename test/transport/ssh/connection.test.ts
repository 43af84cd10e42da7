import { PassThrough } from 'node:stream'
import ssh2, { type ClientChannel } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../../src/transport/ssh/command.js'
import { createConnection } from '../../../src/transport/ssh/connection.js'

/** A connection whose socket is gone, in the moment before ssh2 says so. */
function cutConnection() {
  const idle = { slot: undefined, close: () => undefined }
  return createConnection(
    { client: new ssh2.Client(), socket: new PassThrough(), isOpenSsh: true },
    'ex-cas-01:22',
    idle,
  )
}

describe('a connection that was cut a moment ago', () => {
  it('is lost for who opens a channel, though nothing has said so yet', async () => {
    const connection = cutConnection()
    expect(connection.lost).toBe(false)
    const opening = connection.openChannel<ClientChannel>(done =>
      connection.client.exec('whoami', (error, channel) =>
        error === undefined ? done(undefined, channel) : done(error),
      ),
    )
    await expect(opening).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    expect(connection.lost).toBe(true)
  })

  it('takes the command with it as a loss, not as a server that runs none', async () => {
    expect(await runCommand(cutConnection(), { line: 'whoami' }, {})).toMatchObject({
      connectionLost: true,
      exitCode: null,
    })
  })
})
