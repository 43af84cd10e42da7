import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Way } from '../../src/doctor/hop.js'
import { lookAtKerberos } from '../../src/doctor/kerberos.js'
import { errorInfo } from '../../src/errors.js'
import { cacheFile } from '../transport/winrm/kerberos/cache-file.js'

describe.skipIf(process.platform === 'win32')(
  'doctor on Kerberos here (skipped on Windows, which has no cache files)',
  () => {
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'exroll-doctor-'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    async function look(KRB5CCNAME: string, load: () => Promise<unknown> = async () => ({})) {
      const way = new Way(() => 0, errorInfo)
      await lookAtKerberos(way, { env: { KRB5CCNAME }, uid: 0 }, load)
      return way.hops[0]
    }

    it('says where the tickets are', async () => {
      const path = join(folder, 'tickets')
      writeFileSync(path, cacheFile(4, [{ key: Buffer.alloc(32), ticket: Buffer.from('ticket') }]))
      expect(await look(`FILE:${path}`)).toMatchObject({
        outcome: 'ok',
        found: `the kerberos package is installed; tickets are in ${path}`,
      })
    })

    it('says how to get tickets that can seal', async () => {
      for (const name of [join(folder, 'nothing'), 'KEYRING:persistent:0']) {
        expect(await look(name)).toMatchObject({
          outcome: 'note',
          code: 'KERBEROS_NO_SEALING',
          fix: expect.stringContaining('kinit'),
        })
      }
    })

    it('asks for no tickets without the package', async () => {
      const missing = async (): Promise<unknown> => Promise.reject(new Error('not installed'))
      expect(await look(join(folder, 'nothing'), missing)).toMatchObject({ outcome: 'ok' })
    })
  },
)
