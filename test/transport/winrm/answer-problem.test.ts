import { describe, expect, it } from 'vitest'
import { statusProblem } from '../../../src/transport/winrm/channel/answer-problem.js'

const context = { where: 'ex-01:5985', path: '/wsman', username: 'exadmin', credentialName: 'lab', tried: 'negotiate' }
const problem = (status: number, type = 'text/html', body = '<html>') =>
  statusProblem({ status, headers: { 'content-type': type }, body: Buffer.from(body) }, context)

describe('HTTP 401', () => {
  const refusal = (tried: string, offered?: string) =>
    statusProblem(
      { status: 401, headers: offered === undefined ? {} : { 'www-authenticate': offered }, body: Buffer.alloc(0) },
      { ...context, tried, tls: {} },
    )

  it.for<[string, string, string | undefined, string, string]>([
    ['to Basic where it is off', 'basic', 'Negotiate, Kerberos', 'does not take Basic', 'service/auth @{Basic="true"}'],
    ['to Basic where it is on', 'basic', 'Negotiate, Basic realm="WSMAN"', 'refused exadmin', 'none of a domain'],
    ['to Basic where nothing is said', 'basic', undefined, 'refused exadmin', 'none of a domain'],
    ['to a certificate', 'certificate', 'Negotiate', 'refused exadmin', 'certmapping'],
    ['to a password', 'negotiate', 'Negotiate', 'refused exadmin', 'CbtHardeningLevel'],
  ])('%s says what to look at', ([, tried, offered, message, hint]) => {
    const found = refusal(tried, offered)
    expect(found).toMatchObject({ code: 'AUTH_FAILED', hint: expect.stringContaining(hint) })
    expect(found?.message).toContain(message)
  })
})

describe('an HTTP status', () => {
  it.for<[number, string, string]>([
    [302, 'WINRM_REDIRECT', 'Name the right host'],
    [400, 'HTTP_STATUS', 'MaxFieldLength'],
    [403, 'HTTP_STATUS', 'IPv4Filter'],
    [404, 'NOT_WSMAN', 'listener'],
    [407, 'HTTP_STATUS', 'logon of its own'],
    [413, 'ENVELOPE_TOO_LARGE', 'MaxEnvelopeSizekb'],
    [500, 'HTTP_STATUS', 'WinRM/Operational'],
    [502, 'HTTP_STATUS', 'proxy'],
    [503, 'HTTP_STATUS', 'sc query winrm'],
    [504, 'HTTP_STATUS', 'proxy'],
  ])('%d that comes with a page is %s and says where to look', ([status, code, where]) => {
    const found = problem(status)
    expect(found).toMatchObject({ code, hint: expect.stringContaining(where) })
    expect(found?.message).toContain('ex-01:5985')
  })

  it('says that nothing came with it', () => {
    expect(problem(500, '', '')?.message).toContain('HTTP 500 and nothing else')
  })

  it.for(['application/soap+xml;charset=UTF-8', 'Application/SOAP+XML', 'text/xml; charset=utf-8', 'application/xml'])(
    'may be a fault where XML comes with it: %s',
    type => {
      for (const status of [400, 403, 500, 503]) expect(problem(status, type, '<s:Envelope/>')).toBeUndefined()
    },
  )
})
