import { describe, expect, it } from 'vitest'
import { contextRequest } from '../../../../src/transport/winrm/auth/kerberos-module.js'

const owner = { username: 'CONTOSO\\exadmin', password: 'secret' }
const wanted = { serviceClass: 'HTTP', host: 'ex-01.contoso.com', owner }

describe('what the kerberos package is asked for', () => {
  it('is a host-based name of GSSAPI, with every protection; the ticket cache says who', () => {
    expect(contextRequest(wanted, 'linux')).toEqual({
      service: 'HTTP@ex-01.contoso.com',
      options: { mechOID: 9, flags: 0x3e },
    })
  })

  it('is a service principal name of SSPI, whose flag for integrity is another one', () => {
    expect(contextRequest(wanted, 'win32')).toEqual({
      service: 'HTTP/ex-01.contoso.com',
      options: { mechOID: 9, flags: 0x1001e, user: 'exadmin', domain: 'CONTOSO', password: 'secret' },
    })
  })

  it('is the logon of whoever started exroll, where no password is given', () => {
    const { options } = contextRequest({ ...wanted, owner: { username: 'exadmin@contoso.com' } }, 'win32')
    expect(options).toEqual({ mechOID: 9, flags: 0x1001e, user: 'exadmin@contoso.com' })
  })
})
