import { afterEach, describe, expect, it } from 'vitest'
import { directoryDiscovery } from '../../src/discover/directory.js'
import { askDirectory } from '../../src/discover/ldap.js'
import { loopbackCertificate } from './certificates.js'
import { type Responder, type ResponderOptions, startResponder } from './ldap-responder.js'

const who = { username: 'CONTOSO\\exadmin', password: 'S3cret' }
const servers =
  'CN=Servers,CN=Exchange Administrative Group,CN=Administrative Groups,CN=Contoso,CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=com'
const entries = ['EX-CAS-01', 'EX-HUB-01', 'EX-MBX-01'].map((name, at) => ({
  dn: `CN=${name},${servers}`,
  attributes: {
    cn: [name],
    networkAddress: ['netbios:x', `ncacn_ip_tcp:${name.toLowerCase()}.contoso.com`],
    msExchCurrentServerRoles: [['4', '32', '2'][at] ?? ''],
    serialNumber: ['Version 8.1 (Build 30240.6)'],
  },
}))
const directory: ResponderOptions = {
  ...who,
  entries,
  root: { configurationNamingContext: ['CN=Configuration,DC=contoso,DC=com'] },
}

let responder: Responder | undefined
afterEach(() => responder?.close())

async function start(more: Partial<ResponderOptions> = {}): Promise<Responder> {
  responder = await startResponder({ ...directory, ...more })
  return responder
}

describe('askDirectory', () => {
  it('seals the connection, logs on, and reads the servers page by page', async () => {
    const tls = await loopbackCertificate()
    const { url, binds } = await start({ tls, needsTls: true })
    const found = directoryDiscovery(await askDirectory({ url, ...who, ca: tls.cert }), url)
    expect(found.servers).toEqual([
      { name: 'EX-CAS-01', host: 'ex-cas-01.contoso.com', roles: ['cas'], version: '8.1.240.6' },
      { name: 'EX-HUB-01', host: 'ex-hub-01.contoso.com', roles: ['hub'], version: '8.1.240.6' },
      { name: 'EX-MBX-01', host: 'ex-mbx-01.contoso.com', roles: ['mailbox'], version: '8.1.240.6' },
    ])
    expect(binds).toEqual([{ ...who, sealed: true }])
  })

  it.each<[string, Partial<ResponderOptions>, string]>([
    ['there is no StartTLS', {}, 'LDAP_NOT_SEALED'],
    ['the connection ends in StartTLS', { onStartTls: 'drop' }, 'LDAP_CONNECT'],
    ['there is no TLS after StartTLS', { onStartTls: 'silence' }, 'LDAP_CONNECT'],
  ])('never sends the password when %s', async (_what, more, code) => {
    const { url, binds, connections } = await start(more)
    const error: unknown = await askDirectory({ url, ...who, timeoutMs: 500 }).catch(error => error)
    expect(error).toMatchObject({ code, exitCode: 4 })
    expect([binds, connections()]).toEqual([[], 1])
  })

  it('sends no password to whom it cannot believe', async () => {
    const { url, binds } = await start({ tls: await loopbackCertificate() })
    await expect(askDirectory({ url, ...who })).rejects.toMatchObject({
      code: 'LDAP_TLS',
      hint: expect.stringContaining('--ca'),
    })
    expect(binds).toEqual([])
  })

  it('goes without TLS only where that was said', async () => {
    const { url, binds } = await start()
    expect(await askDirectory({ url, ...who, clearText: true })).toHaveLength(3)
    expect(binds).toEqual([{ ...who, sealed: false }])
  })

  it('says when the controller wants more than that', async () => {
    const { url } = await start({ needsTls: true })
    await expect(askDirectory({ url, ...who, clearText: true })).rejects.toMatchObject({ code: 'LDAP_NOT_SEALED' })
  })

  it('tries a wrong password once, says why, and never shows it', async () => {
    const { url, binds } = await start({
      refusal: '80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 775, v1db1',
    })
    const error: unknown = await askDirectory({ url, ...who, password: 'Wr0ng', clearText: true }).catch(error => error)
    expect(error).toMatchObject({
      code: 'LDAP_LOGON',
      exitCode: 4,
      message: expect.stringContaining('the account is locked'),
    })
    expect(JSON.stringify(error) + String(error)).not.toContain('Wr0ng')
    expect(binds).toHaveLength(1)
  })

  it('knows a directory that is no domain controller', async () => {
    const { url } = await start({ root: { namingContexts: ['dc=contoso,dc=com'] } })
    await expect(askDirectory({ url, ...who, clearText: true })).rejects.toMatchObject({
      code: 'LDAP_NO_CONFIGURATION',
      exitCode: 3,
    })
  })

  it('says when nobody is there', async () => {
    const { url, close } = await start()
    await close()
    await expect(askDirectory({ url, ...who, clearText: true })).rejects.toMatchObject({
      code: 'LDAP_CONNECT',
      exitCode: 4,
    })
  })

  it.each(['dc1', 'https://dc1', 'ldaps://', 'ldaps://user:secret@dc1'])(
    'takes %s for no address of a controller',
    async url => {
      const error: unknown = await askDirectory({ url, ...who }).catch(error => error)
      expect(error).toMatchObject({ code: 'LDAP_URL', exitCode: 3 })
      expect(String(error)).not.toContain('secret')
    },
  )
})
