import { describe, expect, it } from 'vitest'
import { statusProblem } from '../../../src/transport/winrm/channel/answer-problem.js'

const context = { where: 'ex-01:5985', path: '/wsman', username: 'exadmin', credentialName: 'lab', tried: 'negotiate' }
const problem = (status: number, type = 'text/html', body = '<html>') =>
  statusProblem({ status, headers: { 'content-type': type }, body: Buffer.from(body) }, context)

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
