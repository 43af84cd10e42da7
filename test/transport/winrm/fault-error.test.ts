import { describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import { faultCodes } from '../../../src/transport/winrm/soap/fault.js'
import { faultError } from '../../../src/transport/winrm/wsman/fault-error.js'

const errorFor = (code: number | undefined, reason = 'Die Anforderung ist nicht möglich.') =>
  faultError({ code, subcode: 'InternalError', reason }, 'ex-01:5985', 'a shell')

describe('a fault as an error', () => {
  it.for<[keyof typeof faultCodes, string, string]>([
    ['maxShells', 'QUOTA_SHELLS', 'MaxShellsPerUser'],
    ['maxShellsPlugIn', 'QUOTA_SHELLS', 'Plugin'],
    ['maxOperations', 'QUOTA_OPERATIONS', 'MaxConcurrentOperationsPerUser'],
    ['maxOperationsPlugIn', 'QUOTA_OPERATIONS', 'Plugin'],
    ['userQuota', 'QUOTA_OPERATIONS', 'MaxConcurrentOperationsPerUser'],
    ['systemQuota', 'QUOTA_OPERATIONS', 'Try again'],
    ['maxCommandsPlugIn', 'QUOTA_PROCESSES', 'MaxProcessesPerShell'],
    ['maxShellUsers', 'QUOTA_USERS', 'MaxConcurrentUsers'],
    ['shellsNotAllowed', 'SHELLS_NOT_ALLOWED', 'AllowRemoteShellAccess'],
    ['encodingLimit', 'ENVELOPE_TOO_LARGE', 'MaxEnvelopeSizekb'],
    ['lineTooLong', 'LINE_TOO_LONG', 'stdin'],
    ['fileNotFound', 'COMMAND_NOT_FOUND', 'PATH'],
    ['accessDenied', 'ACCESS_DENIED', 'LocalAccountTokenFilterPolicy'],
    ['privilegeNotHeld', 'ACCESS_DENIED', 'full token'],
    ['maxPlugInShells', 'QUOTA_SHELLS', 'Plugin'],
    ['maxPlugInOperations', 'QUOTA_OPERATIONS', 'Plugin'],
    ['maxUsersPlugIn', 'QUOTA_USERS', 'Plugin'],
    ['serverEnvelopeLimit', 'ENVELOPE_TOO_LARGE', 'MaxEnvelopeSizekb'],
    ['cannotConnect', 'WINRM_UNREACHABLE', 'quickconfig'],
    ['resourceNotFound', 'NO_COMMAND_SHELL', 'KB968930'],
    ['notFound', 'SHELL_GONE', 'IdleTimeout'],
    ['hostCallFailed', 'SHELL_GONE', 'winrshost.exe'],
    ['notReady', 'SERVER_BUSY', 'starting'],
    ['shutdownInProgress', 'SERVER_BUSY', 'shutting down'],
    ['invalidResourceUri', 'NO_COMMAND_SHELL', 'WinRM Command Shell'],
    ['notEnoughQuota', 'SERVER_EXHAUSTED', 'MaxMemoryPerShellMB'],
    ['hostNotStarted', 'SERVER_EXHAUSTED', 'MaxMemoryPerShellMB'],
    ['timedOut', 'SERVER_BUSY', 'overloaded'],
  ])('%s is %s and names what to change, whatever language the server speaks', ([fault, code, setting]) => {
    const error = errorFor(faultCodes[fault])
    expect(error.code).toBe(code)
    expect(error.hint).toContain(setting)
    expect(error.message).toContain(String(faultCodes[fault]))
    expect(error.message).toContain('Die Anforderung')
  })

  it.for([faultCodes.accessDenied, 5, faultCodes.privilegeNotHeld, 1314])(
    'is a refused logon where rights are missing: %d',
    code => {
      expect(errorFor(code)).toBeInstanceOf(AuthError)
      expect(errorFor(code).message).toContain(`(${code})`)
    },
  )

  it('that nobody knows says where to look', () => {
    const error = errorFor(undefined, 'x'.repeat(5000))
    expect(error).toMatchObject({ code: 'WINRM_FAULT', hint: expect.stringContaining('WinRM/Operational') })
    expect(error.message).toContain('InternalError')
    expect(error.message.length).toBeLessThan(600)
  })
})
