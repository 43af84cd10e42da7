import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Credential } from '../../src/inventory/model.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { sshTransport } from '../../src/transport/ssh/ssh-transport.js'
import { describeTransport } from './conformance.js'
import { type FarEnd, posixShell } from './far-end.js'
import { inventoryServer } from './inventory-server.js'
import { type Sshd, startSshd, whyNoSshd } from './sshd.js'

const whyNot = await whyNoSshd()

if (whyNot === undefined) {
  describeTransport("ssh to OpenSSH's sshd", async () => sshdFarEnd(await startSshd()))

  describe("ssh to OpenSSH's sshd with narrow limits", () => {
    it('gets along with one channel a connection: the file channel makes room', async () => {
      const far = sshdFarEnd(await startSshd(['MaxSessions 1']))
      const session = await far.transport().connect()
      try {
        const path = far.path('one')
        await session.upload(Buffer.from('one channel'), path)
        const prints = await Promise.all([1, 2, 3].map(() => session.run({ line: far.shell.print(path) })))
        expect(prints.map(({ stdout }) => stdout)).toEqual(['one channel', 'one channel', 'one channel'])
        await session.upload(Buffer.from('again'), path)
        expect((await session.run({ line: far.shell.print(path) })).stdout).toBe('again')
      } finally {
        await session.close()
        await far.close()
      }
    })

    it('waits for another command to end where the server opens fewer than eight', async () => {
      const far = sshdFarEnd(await startSshd(['MaxSessions 3']))
      const session = await far.transport().connect()
      try {
        const results = await Promise.all(
          Array.from({ length: 12 }, (_, index) => session.run({ line: far.shell.copy, stdin: `${index}` })),
        )
        expect(results.map(({ stdout }) => stdout)).toEqual(results.map((_, index) => `${index}`))
      } finally {
        await session.close()
        await far.close()
      }
    })

    it('says so when the server opens no channel at all', async () => {
      const far = sshdFarEnd(await startSshd(['MaxSessions 0']))
      const session = await far.transport().connect()
      try {
        await expect(session.run({ line: 'true' })).rejects.toMatchObject({ code: 'CHANNEL_REFUSED' })
      } finally {
        await session.close()
        await far.close()
      }
    })
  })
} else {
  describe.skip(`transport conformance: ssh to OpenSSH's sshd (${whyNot})`, () => it('runs', () => undefined))
}

function sshdFarEnd(sshd: Sshd): FarEnd {
  const files = join(sshd.folder, 'files')
  mkdirSync(files)
  return {
    port: sshd.port,
    shell: posixShell,
    exitBits: 8,
    path: name => join(files, name),
    transport({ port = sshd.port, password } = {}) {
      const credential: Credential =
        password === undefined
          ? { name: 'key', username: sshd.username, key: { file: sshd.keyFile } }
          : { name: 'password', username: sshd.username, password: { env: 'PASSWORD' } }
      const secrets = openSecrets({ env: { PASSWORD: password } })
      return sshTransport(inventoryServer(port, credential, { hostKey: sshd.hostKey }), { secrets })
    },
    isRunning: pid => isAlive(Number(pid.split('\n')[0])),
    refusedPasswords: () => sshd.log().match(/Failed password/g)?.length ?? 0,
    hash: session => async path => {
      const { stdout } = await session.run({ line: `sha256sum '${path.replaceAll("'", `'\\''`)}'` })
      return stdout.split(' ')[0] ?? ''
    },
    close: () => sshd.close(),
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
