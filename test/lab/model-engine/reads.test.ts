import { describe, expect, it } from 'vitest'
import { isScriptCall } from '../../../src/lab/model-engine/answer-call.js'
import { registeredPatches } from '../../../src/lab/world/installed.js'
import { setupLogs } from '../../../src/lab/world/windows-places.js'
import { callLine } from '../../../src/scripts/bootstrap.js'
import { encodeCall } from '../../../src/scripts/call.js'
import { systemSid } from '../../../src/scripts/catalog.js'
import { answerText, arm, call, fleet, mailboxServer, run, sha256 } from './server.js'

const package_ = {
  PackageName: 'Exchange2007-KB952580-x64-EN.msp',
  PackageSha256: sha256('the package'),
  PackageBytes: 11,
  PatchCode: '{11111111-2222-3333-4444-555555555555}',
  ProductCodes: [],
}

describe('the wire', () => {
  it('knows a script call by its one command line', () => {
    expect(isScriptCall(callLine)).toBe(true)
    expect(isScriptCall('powershell.exe -NoProfile -Command Get-Service')).toBe(false)
  })

  it('refuses a script that is not the shipped one', async () => {
    const { line, stdin } = encodeCall('Get-BootState', {})
    const other = 'param()\n'
    const changed = stdin
      .replace(/^sha256 .*$/m, `sha256 ${sha256(other)}`)
      .replace(/^script .*$/m, `script ${Buffer.from(other).toString('base64')}`)
    const { exitCode, envelope } = await answerText(mailboxServer(), line, changed)
    expect(exitCode).toBe(1)
    expect(envelope).toMatchObject({ ok: false, error: { code: 'SCRIPT_UNKNOWN' } })
  })

  it('says that a call was damaged', async () => {
    const { line, stdin } = encodeCall('Get-BootState', {})
    const { envelope } = await answerText(mailboxServer(), line, stdin.replace(/end\n$/, ''))
    expect(envelope).toMatchObject({ ok: false, error: { code: 'CALL_DAMAGED' } })
  })

  it('answers in ASCII, whatever the names are', async () => {
    const server = mailboxServer()
    server.services.add({
      name: 'Prüfer',
      displayName: 'Prüfdienst \u{1f50d}',
      startType: 'Manual',
      state: 'Stopped',
      dependsOn: [],
    })
    const { line, stdin } = encodeCall('Get-ServerFact', { Accounts: [systemSid], JobAccount: '' })
    const { text, envelope } = await answerText(server, line, stdin)
    expect(text).toMatch(/^[ -~\r\n]*$/)
    expect(JSON.stringify(envelope?.data)).toContain('Prüfdienst \u{1f50d}')
  })
})

describe('reading a server', () => {
  it('tells what the server is', async () => {
    const server = mailboxServer()
    const fact = await call(server, 'Get-ServerFact', { Accounts: [systemSid], JobAccount: '' })
    expect(fact).toMatchObject({
      computerName: 'EX-MBX-01',
      osVersion: '6.0.6002',
      powershellVersion: '2.0',
      exchange: { generation: '2007', architecture: 'x64', roles: ['mailbox'] },
      logon: { sid: server.account.sid, elevated: true },
      cluster: null,
    })
    expect(Object.keys(fact.settings.crl)).toEqual([systemSid, server.account.sid])
    expect(fact.settings.executionPolicy.LocalMachine).toBe('RemoteSigned')
    expect(fact.services.map(({ name }) => name)).toEqual(server.services.all.map(({ name }) => name))
    expect(fact.updates.map(({ kb }) => kb)).toEqual([expect.stringMatching(/^KB\d+$/)])
  })

  it('leaves no write behind, however often it is asked', async () => {
    const server = mailboxServer()
    const digest = server.digest()
    await call(server, 'Get-ServerFact', { Accounts: [systemSid], JobAccount: '' })
    await call(server, 'Test-ServerReadiness', package_)
    await call(server, 'Get-BootState', {})
    await call(server, 'Get-InstallProgress', { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 5 })
    expect(server.changes.writes).toBe(0)
    expect(server.digest()).toBe(digest)
  })

  it('names the node that is active', async () => {
    const pair = fleet(8).filter(({ cluster }) => cluster !== undefined)
    const facts = await Promise.all(
      pair.map(server => call(server, 'Get-ServerFact', { Accounts: [], JobAccount: '' })),
    )
    expect(facts.map(({ cluster }) => cluster?.isActive).sort()).toEqual([false, true])
    for (const { cluster, computerName } of facts) expect(cluster?.isActive).toBe(cluster?.activeNode === computerName)
  })

  it('finds a cached patch that is gone, with its name', async () => {
    const server = mailboxServer()
    const [patch] = registeredPatches(server)
    server.files.remove(patch?.localPackage ?? '')
    const { missingCache } = await call(server, 'Test-ServerReadiness', package_)
    expect(missingCache).toEqual([
      {
        kind: 'patch',
        path: patch?.localPackage,
        code: patch?.code,
        packageName: patch?.packageName,
        displayName: patch?.displayName,
      },
    ])
  })

  it('sees what an unfinished patch left over, and only that', async () => {
    const server = mailboxServer()
    server.files.write(`${setupLogs}\\ServiceState.xml`, '<Objs />')
    server.files.write(`${setupLogs}\\ServiceControl.log`, '')
    const { leftoverState } = await call(server, 'Test-ServerReadiness', package_)
    expect(leftoverState).toEqual([`${setupLogs}\\ServiceState.xml`])
  })

  it('calls a slow revocation list reachable and an absent one not', async () => {
    const server = mailboxServer()
    server.network.crl = 'slow'
    expect((await call(server, 'Test-ServerReadiness', package_)).crl.reachable).toBe(true)
    server.network.crl = 'unreachable'
    expect((await call(server, 'Test-ServerReadiness', package_)).crl.reachable).toBe(false)
  })

  it('lets a filtered token read and not write', async () => {
    const server = mailboxServer()
    server.account.elevated = false
    expect((await call(server, 'Test-ServerReadiness', package_)).elevated).toBe(false)
    await expect(arm(server)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    expect(server.changes.writes).toBe(0)
  })
})

describe('a package', () => {
  const wanted = { Name: package_.PackageName, Sha256: package_.PackageSha256 }

  it('is staged once its hash is right', async () => {
    const server = mailboxServer()
    const place = await call(server, 'Initialize-Package', wanted)
    expect(place.present).toBe(false)
    server.files.write(place.uploadPath, 'the package')
    expect(await call(server, 'Complete-Package', wanted)).toEqual({ path: place.path, sha256: wanted.Sha256 })
    expect((await call(server, 'Initialize-Package', wanted)).present).toBe(true)
    expect((await call(server, 'Test-ServerReadiness', package_)).staged).toBe(true)
  })

  it('is refused when it was damaged on its way, and can be sent again', async () => {
    const server = mailboxServer()
    const { uploadPath, path } = await call(server, 'Initialize-Package', wanted)
    server.files.write(uploadPath, 'the pockage')
    await expect(call(server, 'Complete-Package', wanted)).rejects.toMatchObject({ code: 'PACKAGE_DAMAGED' })
    expect(server.files.exists(path)).toBe(false)
    server.files.write(uploadPath, 'the package')
    await expect(call(server, 'Complete-Package', wanted)).resolves.toMatchObject({ path })
  })

  it('cannot be named out of its folder', async () => {
    await expect(
      call(mailboxServer(), 'Initialize-Package', { Name: '..\\..\\evil.msp', Sha256: wanted.Sha256 }),
    ).rejects.toMatchObject({ code: 'PACKAGE_NAME' })
  })
})
