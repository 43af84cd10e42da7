import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthError, ConnectError, ToolError, TransferError } from '../errors.js'
import type { Session } from '../transport/transport.js'
import type { Way } from './hop.js'

const shellMs = 30_000

/** Do commands run, and do their exit codes come back? `session` is why there is none where the logon was all that there was. */
export async function lookAtShell(
  way: Way,
  session: Session | ConnectError | undefined,
  transport: string,
): Promise<void> {
  await way.look('shell', async () => {
    if (session instanceof ConnectError) throw session
    if (session === undefined) throw new AuthError('There is no session.', { code: 'NO_SESSION' })
    const { exitCode, connectionLost, timedOut, stdout, stderr } = await session.run(
      { line: 'cmd /c exit 7' },
      { timeoutMs: shellMs },
    )
    if (exitCode === 7) return { found: 'commands run, and their exit codes arrive', value: undefined }
    if (timedOut || connectionLost) throw noAnswer(timedOut, transport)
    const said = `${stderr} ${stdout}`.trim().slice(0, 200)
    throw new TransferError(`A command that ends with 7 ended with ${exitCode ?? 'no exit code'}. ${said}`.trim(), {
      code: 'SHELL_BROKEN',
      hint: transport === 'ssh' ? defaultShell : autoRun,
    })
  })
}

const defaultShell =
  'The account has to get cmd.exe: Remove-ItemProperty HKLM:\\SOFTWARE\\OpenSSH -Name DefaultShell on the server, and no ForceCommand for it in sshd_config. Is it a Windows server?'
const autoRun =
  'Something comes in the way of cmd.exe: reg query "HKLM\\Software\\Microsoft\\Command Processor" /v AutoRun on the server shows what it runs first.'

function noAnswer(timedOut: boolean, transport: string): TransferError {
  const service = transport === 'ssh' ? 'sshd' : 'WinRM'
  return timedOut
    ? new TransferError(`A command that ends at once did not within ${shellMs / 1000} s.`, {
        code: 'SHELL_TIMEOUT',
        hint: `Is the server overloaded (processor, memory, disk), or does a scanner hold cmd.exe? Restart-Service ${service} ends what hangs in the service.`,
      })
    : new TransferError('The server let the account in, and then answered a command no more.', {
        code: 'CONNECTION_LOST',
        hint: `Restart-Service ${service} on the server and look at its event log; does a device on the way end connections?`,
      })
}

/** Files go over SFTP. A file that is not there is asked for: the answer shows that the subsystem is. */
export async function lookAtSftp(way: Way, session: Session | undefined): Promise<void> {
  await way.look('sftp', async () => {
    if (session === undefined) throw new AuthError('There is no session.', { code: 'NO_SESSION' })
    const nothing = `exroll-doctor-${process.pid}`
    const limit = AbortSignal.timeout(shellMs)
    try {
      await session.download(`C:\\Windows\\${nothing}`, join(tmpdir(), nothing), { signal: limit })
    } catch (error) {
      if (limit.aborted) throw noAnswer(true, 'ssh')
      if (!(error instanceof ToolError) || !answers.includes(error.code)) throw error
    }
    return { found: 'files can be copied', value: undefined }
  })
}

/** What only a working subsystem says. */
const answers: readonly string[] = ['FILE_MISSING', 'ACCESS_DENIED', 'TRANSFER_FAILED']
