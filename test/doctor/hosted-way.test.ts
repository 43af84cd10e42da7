import { afterEach, describe, expect, it } from 'vitest'
import { type Examination, examine } from '../../src/doctor/examine.js'
import { AuthError, ConnectError } from '../../src/errors.js'
import type { PowershellOptions } from '../../src/inventory/model.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { inventoryServer } from '../transport/inventory-server.js'
import { testKey } from '../transport/ssh/keys.js'
import { startSshServer } from '../transport/ssh/ssh-server.js'
import { startListener } from '../transport/winrm/listener.js'

const key = testKey('ed25519')
const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

/** What doctor says where the operator's PowerShell got no session. */
async function look(port: number, powershell: PowershellOptions, error: Error): Promise<Examination> {
  const credential = { name: 'own', username: 'exadmin', agent: true }
  const server = { ...inventoryServer(port, credential, { hostKey: key.fingerprint }), powershell }
  const transport = { connect: () => Promise.reject(error) }
  return examine({
    server: { ...server, transport: 'powershell' },
    secrets: openSecrets({ env: {} }),
    transport,
  })
}

const outcomes = ({ hops }: Examination) =>
  hops.filter(({ outcome }) => outcome !== 'skipped').map(({ hop, outcome }) => `${hop} ${outcome}`)

const noSession = new ConnectError('ex-01 gave no PowerShell session.', { code: 'CONNECT_FAILED', hint: 'try' })

describe('doctor where the operator’s PowerShell got no session', () => {
  it('goes the way over SSH hop by hop', async () => {
    const server = await startSshServer({
      hostKeys: [key.private],
      logon: context => context.reject(['password']),
    })
    toClose.push(() => server.close())
    const examination = await look(server.port, { over: 'ssh' }, noSession)
    expect(outcomes(examination)).toEqual(['name ok', 'port ok', 'host-key ok', 'offered failed'])
  })

  it('goes the way over WinRM hop by hop, up to what PowerShell said', async () => {
    const listener = await startListener()
    toClose.push(() => listener.close())
    const examination = await look(listener.port, { over: 'winrm' }, noSession)
    expect(outcomes(examination)).toEqual(['name ok', 'port ok', 'offered ok', 'clock ok', 'logon failed'])
    expect(examination.hops.find(({ hop }) => hop === 'logon')).toMatchObject({ code: 'CONNECT_FAILED', fix: 'try' })
  })

  it('does not look at the way of somebody who was refused at its end', async () => {
    const refused = new AuthError('ex-01 refused exadmin.', { code: 'AUTH_FAILED' })
    const examination = await look(1, { over: 'ssh' }, refused)
    expect(outcomes(examination)).toEqual(['logon failed'])
    expect(examination.refused).toBe(true)
  })
})
