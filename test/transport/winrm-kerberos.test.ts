import { afterAll, beforeAll, describe } from 'vitest'
import { describeTransport } from './conformance.js'
import { hasKdc, hasPackage, type Kdc, lendEnvironment, startKdc } from './winrm/kdc.js'
import { startWinrmFarEnd } from './winrm-lab-far-end.js'

describe.skipIf(!hasKdc || !hasPackage)('Kerberos (skipped without krb5-kdc and the kerberos package)', () => {
  let kdc: Kdc
  let giveBack: () => void

  beforeAll(async () => {
    kdc = await startKdc({ user: 'exadmin', principals: ['HTTP/localhost'] })
    giveBack = lendEnvironment(kdc)
  })
  afterAll(async () => {
    giveBack?.()
    await kdc?.close()
  })

  for (const scheme of ['http', 'https'] as const) {
    const how = scheme === 'http' ? 'sealed messages over HTTP' : 'HTTPS'
    describeTransport(`winrm to the lab's endpoint: Kerberos, ${how}`, () =>
      startWinrmFarEnd({ auth: 'kerberos', scheme }, { keytab: kdc.env.KRB5_KTNAME }),
    )
  }
})
