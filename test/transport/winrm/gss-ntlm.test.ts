import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import { negotiateLogon } from '../../../src/transport/winrm/auth/negotiate.js'
import { Channel } from '../../../src/transport/winrm/channel/channel.js'
import { ChannelPool } from '../../../src/transport/winrm/channel/channel-pool.js'
import { Shell } from '../../../src/transport/winrm/shell/shell.js'
import { WsmanClient } from '../../../src/transport/winrm/wsman/client.js'

const python = '/usr/bin/python3'
const hasMechanism =
  existsSync('/etc/gss/mech.d/mech.ntlmssp.conf') && spawnSync(python, ['-c', 'import gssapi']).status === 0

describe.skipIf(!hasMechanism)(
  'NTLM inside SPNEGO as MIT and gss-ntlmssp have it (skipped without gss-ntlmssp and python3-gssapi)',
  () => {
    let folder: string
    let server: ChildProcess
    let port: number

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'exroll-gss-'))
      writeFileSync(join(folder, 'users'), 'EXLAB:exadmin:right\n', { mode: 0o600 })
      server = spawn(python, [join(import.meta.dirname, 'gss-ntlm-server.py')], {
        env: { ...process.env, NTLM_USER_FILE: join(folder, 'users') },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = (await once(server.stdout as NonNullable<typeof server.stdout>, 'data')) as [Buffer]
      port = Number(String(line).trim())
    })
    afterAll(async () => {
      if (server !== undefined) {
        server.kill()
        await once(server, 'close')
      }
      rmSync(folder, { recursive: true, force: true })
    })

    function clientWith(password: string) {
      const method = negotiateLogon({ account: { username: 'EXLAB\\exadmin', password }, credentialName: 'lab' })
      const target = {
        host: '127.0.0.1',
        port,
        path: '/wsman',
        timeoutMs: 5000,
        username: 'exadmin',
        credentialName: 'lab',
      }
      const pool = new ChannelPool(signal => Channel.open({ ...target, method, clearText: false }, signal))
      return {
        pool,
        client: new WsmanClient({ pool, url: `http://127.0.0.1:${port}/wsman`, where: `127.0.0.1:${port}` }),
      }
    }

    it('logs on, and seals many messages both ways', async () => {
      const { pool, client } = clientWith('right')
      for (let message = 0; message < 5; message += 1) {
        expect((await Shell.create(client)).id).toBe('EXLAB\\exadmin')
      }
      pool.close()
    })

    it('is refused with a wrong password', async () => {
      const { pool, client } = clientWith('wrong')
      const error = await Shell.create(client).catch(error => error)
      expect(error).toBeInstanceOf(AuthError)
      expect(error).toMatchObject({ code: 'AUTH_FAILED' })
      pool.close()
    })
  },
)
