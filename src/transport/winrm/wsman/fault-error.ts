import { AuthError, type ToolError, TransferError } from '../../../errors.js'
import { type FaultName, faultName, type WsmanFault } from '../soap/fault.js'

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

const busyHint = 'The server is busy with other WinRM requests. Try again later.'
const noRights: Explained = {
  code: 'ACCESS_DENIED',
  logon: true,
  hint:
    'The account needs to be an administrator of the server with a full token: a domain account in its Administrators group (net localgroup Administrators DOMAIN\\user /add). Local accounts other than the built-in ' +
    'Administrator get a filtered one over the network (LocalAccountTokenFilterPolicy, which exroll never changes). Who may use WinRM at all is in its RootSDDL: winrm configSDDL default.',
}
const gone: Explained = {
  code: 'SHELL_GONE',
  hint: 'It ended there: idle for too long (winrs IdleTimeout), the WinRM service or the server was restarted, or its process winrshost.exe crashed. Call again.',
}
const tooLarge: Explained = {
  code: 'ENVELOPE_TOO_LARGE',
  hint: 'Raise it on the server: winrm set winrm/config @{MaxEnvelopeSizekb="500"}.',
}
const noShells: Explained = {
  code: 'NO_COMMAND_SHELL',
  hint:
    'It has no command shell over WinRM: Windows 2003 and 2008 need WinRM 2.0 (WMF 2.0, KB968930), later ones the plug-in: ' +
    'Set-Item "WSMan:\\localhost\\Plugin\\WinRM Command Shell\\Enabled" true, then restart the WinRM service.',
}
const notReady: Explained = {
  code: 'SERVER_BUSY',
  hint: 'It is starting or shutting down. Try again once it is up.',
}
const exhausted: Explained = {
  code: 'SERVER_EXHAUSTED',
  hint: 'It could not start another process. Is it out of memory? A shell’s own limit: winrm set winrm/config/winrs @{MaxMemoryPerShellMB="1024"}.',
}

/** Faults whose cure is known, with the setting to change. */
const explained: Readonly<Partial<Record<FaultName, Explained>>> = {
  accessDenied: noRights,
  privilegeNotHeld: noRights,
  maxShells: { code: 'QUOTA_SHELLS', hint: shellHint },
  maxShellsPlugIn: { code: 'QUOTA_SHELLS', hint: plugInHint },
  maxPlugInShells: { code: 'QUOTA_SHELLS', hint: plugInHint },
  maxOperations: { code: 'QUOTA_OPERATIONS', hint: operationHint },
  maxOperationsPlugIn: { code: 'QUOTA_OPERATIONS', hint: plugInHint },
  maxPlugInOperations: { code: 'QUOTA_OPERATIONS', hint: plugInHint },
  userQuota: { code: 'QUOTA_OPERATIONS', hint: operationHint },
  systemQuota: { code: 'QUOTA_OPERATIONS', hint: busyHint },
  quotaLimit: { code: 'QUOTA_OPERATIONS', hint: busyHint },
  maxCommandsPlugIn: {
    code: 'QUOTA_PROCESSES',
    hint: 'Raise it on the server: winrm set winrm/config/winrs @{MaxProcessesPerShell="25"}.',
  },
  maxShellUsers: {
    code: 'QUOTA_USERS',
    hint: 'Raise it on the server: winrm set winrm/config/winrs @{MaxConcurrentUsers="10"}.',
  },
  maxUsersPlugIn: { code: 'QUOTA_USERS', hint: plugInHint },
  shellsNotAllowed: {
    code: 'SHELLS_NOT_ALLOWED',
    hint: 'Allow them on the server: winrm set winrm/config/winrs @{AllowRemoteShellAccess="true"}; a Group Policy may say no.',
  },
  resourceNotFound: noShells,
  invalidResourceUri: noShells,
  encodingLimit: tooLarge,
  envelopeExceeded: tooLarge,
  serverEnvelopeLimit: tooLarge,
  lineTooLong: {
    code: 'LINE_TOO_LONG',
    hint: 'A command line has at most 8,191 characters: pass what is longer on stdin.',
  },
  fileNotFound: {
    code: 'COMMAND_NOT_FOUND',
    hint: 'Is the program on the server, and in its PATH? For a shell that is %SystemRoot%\\System32\\winrshost.exe.',
  },
  cannotConnect: {
    code: 'WINRM_UNREACHABLE',
    hint: 'Something listens there, but does not get through to the WinRM service. Does it run (winrm quickconfig)?',
  },
  notFound: gone,
  shellGone: gone,
  operationAborted: gone,
  hostCallFailed: gone,
  hostUnavailable: gone,
  hostCrashed: gone,
  notReady,
  shutdownInProgress: notReady,
  notEnoughMemory: exhausted,
  outOfMemory: exhausted,
  hostNotStarted: exhausted,
  commitmentLimit: exhausted,
  notEnoughQuota: exhausted,
  timedOut: {
    code: 'SERVER_BUSY',
    hint: 'It did not do so in the time it was given. Is it overloaded? Try again later.',
  },
}

/** A fault as an error of exroll: the server's words, its number, and the setting to change. `doing` = what was asked for. */
export function faultError(fault: WsmanFault, where: string, doing: string): ToolError {
  const { code, subcode, reason } = fault
  const name = faultName(fault)
  const known = name === undefined ? undefined : explained[name]
  const number = code ?? subcode ?? 'no number'
  const message = `${where} refused ${doing} (${number}): ${reason.slice(0, 400)}`
  const options = {
    code: known?.code ?? 'WINRM_FAULT',
    hint: known?.hint ?? 'Look at the event log Microsoft-Windows-WinRM/Operational of the server.',
  }
  return known?.logon === true ? new AuthError(message, options) : new TransferError(message, options)
}
