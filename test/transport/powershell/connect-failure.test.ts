import { describe, expect, it } from 'vitest'
import { AuthError, ConnectError } from '../../../src/errors.js'
import { connectFailure } from '../../../src/transport/powershell/connect-failure.js'

describe('what New-PSSession said', () => {
  it.for<[string, string]>([
    ['HOST_KEY_UNKNOWN', 'The SSH client session has ended with error message: Host key verification failed.'],
    ['SUBSYSTEM_MISSING', 'The SSH client session has ended with error message: subsystem request failed on channel 0'],
    ['NO_WSMAN_CLIENT', 'This parameter set requires WSMan, and no supported WSMan client library was found.'],
    ['CONNECT_TIMEOUT', 'Connecting to remote server ex-01 timed out.'],
    ['CONNECT_FAILED', 'Something that nobody knows.'],
  ])('is %s', ([code, error]) => {
    const failure = connectFailure('ex-01:5985', { id: 1, ended: 'failed', error, errorId: '' })
    expect(failure).toBeInstanceOf(ConnectError)
    expect(failure).toMatchObject({ code, hint: expect.any(String), message: expect.stringContaining('ex-01:5985') })
  })

  it('is a refused credential where access is denied', () => {
    const end = { id: 1, ended: 'failed', error: 'Access is denied.', errorId: 'AccessDenied' } as const
    expect(connectFailure('ex-01:5985', end)).toBeInstanceOf(AuthError)
  })
})
