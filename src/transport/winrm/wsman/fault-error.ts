import { AuthError, type ToolError, TransferError } from '../../../errors.js'
import { faultCodes, type WsmanFault } from '../soap/fault.js'

interface Explained {
  code: string
  hint: string
  logon?: boolean
}

const shellHint =
  'Close other sessions, or raise it on the server: winrm set winrm/config/winrs @{MaxShellsPerUser="30"}. What other programs left there when they crashed ends by itself once it was idle for long enough (winrs IdleTimeout).'
const operationHint =
  'Raise it on the server: winrm set winrm/config/service @{MaxConcurrentOperationsPerUser="1500"}. A restart of the WinRM service frees what was leaked.'
const plugInHint =
  'Raise the quota of the plug-in, on the server: Set-Item "WSMan:\\localhost\\Plugin\\WinRM Command Shell\\Quotas\\...", then restart the WinRM service.'

/** Faults whose cure is known, with the setting to change. */
const explained = new Map<number, Explained>([
  [
    faultCodes.accessDenied,
    {
      code: 'ACCESS_DENIED',
      logon: true,
      hint:
        'The account needs to be an administrator of the server with a full token: a domain account in its Administrators group. Local accounts other than the built-in ' +
        'Administrator get a filtered one over the network (LocalAccountTokenFilterPolicy, which exroll never changes).',
    },
  ],
  [faultCodes.maxShells, { code: 'QUOTA_SHELLS', hint: shellHint }],
  [faultCodes.maxShellsPlugIn, { code: 'QUOTA_SHELLS', hint: plugInHint }],
  [faultCodes.maxOperations, { code: 'QUOTA_OPERATIONS', hint: operationHint }],
  [faultCodes.maxOperationsPlugIn, { code: 'QUOTA_OPERATIONS', hint: plugInHint }],
  [faultCodes.userQuota, { code: 'QUOTA_OPERATIONS', hint: operationHint }],
  [
    faultCodes.systemQuota,
    { code: 'QUOTA_OPERATIONS', hint: 'The server is busy with other WinRM requests. Try again later.' },
  ],
  [
    faultCodes.maxCommandsPlugIn,
    {
      code: 'QUOTA_PROCESSES',
      hint: 'Raise it on the server: winrm set winrm/config/winrs @{MaxProcessesPerShell="25"}.',
    },
  ],
  [
    faultCodes.maxShellUsers,
    { code: 'QUOTA_USERS', hint: 'Raise it on the server: winrm set winrm/config/winrs @{MaxConcurrentUsers="10"}.' },
  ],
  [
    faultCodes.shellsNotAllowed,
    {
      code: 'SHELLS_NOT_ALLOWED',
      hint: 'Allow them on the server: winrm set winrm/config/winrs @{AllowRemoteShellAccess="true"}; a Group Policy may say no.',
    },
  ],
  [
    faultCodes.encodingLimit,
    {
      code: 'ENVELOPE_TOO_LARGE',
      hint: 'Raise it on the server: winrm set winrm/config @{MaxEnvelopeSizekb="500"}.',
    },
  ],
  [
    faultCodes.lineTooLong,
    { code: 'LINE_TOO_LONG', hint: 'A command line has at most 8,191 characters: pass what is longer on stdin.' },
  ],
  [faultCodes.fileNotFound, { code: 'COMMAND_NOT_FOUND', hint: 'Is the program on the server, and in its PATH?' }],
])

/** A fault as an error of exroll: the server's words, its number, and the setting to change. `doing` = what was asked for. */
export function faultError({ code, subcode, reason }: WsmanFault, where: string, doing: string): ToolError {
  const known = code === undefined ? undefined : explained.get(code)
  const number = code ?? subcode ?? 'no number'
  const message = `${where} refused ${doing} (${number}): ${reason.slice(0, 400)}`
  const options = {
    code: known?.code ?? 'WINRM_FAULT',
    hint: known?.hint ?? 'Look at the event log Microsoft-Windows-WinRM/Operational of the server.',
  }
  return known?.logon === true ? new AuthError(message, options) : new TransferError(message, options)
}
