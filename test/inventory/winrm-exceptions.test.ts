import { describe, expect, it } from 'vitest'
import { inventoryText, parse, problemsOf } from './inventory-text.js'

describe('what an inventory lets through over WinRM, in words', () => {
  it('is Basic in the clear for whom it says so', () => {
    const [server] = parse(['{ name: a, host: h, winrm: { auth: basic, clear_text: accepted } }']).servers
    expect(server?.winrm).toEqual({ auth: 'basic', clearText: true })
  })

  it('is never a certificate over http', () => {
    const server = '{ name: a, host: h, winrm: { auth: certificate, clear_text: accepted } }'
    expect(problemsOf(inventoryText([server]))).toEqual(['NOT_SEALED 4:40'])
  })

  it('is a certificate that is not looked at, on one server', () => {
    const server = '{ name: a, host: h, winrm: { scheme: https, certificate_check: skipped-for-this-server } }'
    expect(parse([server]).servers[0]?.winrm).toEqual({ scheme: 'https', unverified: true })
  })

  it.for([
    'defaults: { credential: exadmin, roles: [mailbox], winrm: { certificate_check: skipped-for-this-server } }',
    'groups: { all: { credential: exadmin, roles: [mailbox], winrm: { certificate_check: skipped-for-this-server } } }',
  ])('is not that for all of them: %s', top => {
    const found = problemsOf(
      inventoryText(['{ name: a, host: h, groups: [], credential: exadmin, roles: [cas] }'], top),
    )
    expect(found.map(problem => problem.split(' ')[0])).toEqual(['EXCEPTION_PER_SERVER'])
  })

  it.for(['clear_text: yes', 'clear_text: true', 'certificate_check: off', 'spn: HOST'])(
    'is nothing else: %s',
    words => {
      expect(problemsOf(inventoryText([`{ name: a, host: h, winrm: { ${words} } }`]))).toHaveLength(1)
    },
  )

  it('is the class of a Kerberos name', () => {
    expect(parse(['{ name: a, host: h, winrm: { auth: kerberos, spn: WSMAN } }']).servers[0]?.winrm).toEqual({
      auth: 'kerberos',
      spn: 'WSMAN',
    })
  })
})
