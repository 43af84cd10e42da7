import { AuthError, ConnectError, type ToolError } from '../../errors.js'
import type { HostEnd } from './protocol.js'

interface Cause {
  code: string
  hint: string
  auth?: true
}

/** What New-PSSession says, by the words that do not change: error ids of WinRM, and what ssh prints. First match wins. */
const causes: [RegExp, Cause][] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    { code: 'HOST_KEY_CHANGED', hint: 'Find out why its key changed before anything else; then correct known_hosts.' },
  ],
  [
    /Host key verification failed|No \S+ host key is known/i,
    {
      code: 'HOST_KEY_UNKNOWN',
      hint: "Add the server's key to known_hosts, or name a file with ssh: { known_hosts: FILE }.",
    },
  ],
  [
    /Permission denied|AccessDenied|LogonFailure|-2144108387|Access is denied/i,
    {
      code: 'AUTH_FAILED',
      hint: 'It is tried once only. Check user name, password or key, and the rights of the account.',
      auth: true,
    },
  ],
  [
    /no supported WSMan client library/i,
    {
      code: 'NO_WSMAN_CLIENT',
      hint: 'PowerShell has none on this system: use transport: winrm, which brings its own, or powershell: { over: ssh }.',
    },
  ],
  [
    /subsystem request failed/i,
    {
      code: 'SUBSYSTEM_MISSING',
      hint: 'The server needs "Subsystem powershell" in its sshd_config (New-PSSession, -HostName).',
    },
  ],
  [
    /timed out|WinRMOperationTimeout|ConnectingTimeout/i,
    { code: 'CONNECT_TIMEOUT', hint: 'Is the server up, and does a firewall let this port through?' },
  ],
]

const otherwise: Cause = {
  code: 'CONNECT_FAILED',
  hint: 'Try New-PSSession by hand with the same host and port; exroll doctor HOST looks at each hop.',
}

/** Why New-PSSession gave no session. The words of the shell hold no secret: it was given the password as an object. */
export function connectFailure(where: string, { error = '', errorId = '' }: HostEnd): ToolError {
  const said = error.replace(/\s+/g, ' ').trim()
  const cause = causes.find(([pattern]) => pattern.test(`${errorId} ${said}`))?.[1] ?? otherwise
  const message = `${where} gave no PowerShell session: ${said.slice(0, 400)}`
  const { code, hint, auth } = cause
  return auth === true ? new AuthError(message, { code, hint }) : new ConnectError(message, { code, hint })
}
