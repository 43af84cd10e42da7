import { type LabAccount, labDomain } from '../../world/accounts.js'
import { scheduleRestart } from '../../world/restart.js'
import { systemSid } from '../../world/windows-places.js'
import type { WorldCall } from '../world-calls.js'

/** ps-scripts/windows/Machine.ps1 on Windows Server 2008 SP2. */
export const machineCalls: Record<string, WorldCall> = {
  'Get-ComputerName': ({ server }) => server.computerName,
  'Get-OsVersion': () => '6.0.6002',
  'Get-PowerShellVersion': ({ server }) => server.powershellVersion,
  'Get-PowerShellPath': () => 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
  'Test-64BitWindows': () => true,
  'Get-SystemTime': ({ server }) => server.clock.now().toISOString(),
  'Get-UptimeMilliseconds': ({ server }) => server.uptimeMs,
  'Get-BootId': ({ server }) => server.bootId,
  'Wait-Moment': ({ server, process }, milliseconds: number) => server.clock.sleep(milliseconds, process.signal),
  'Get-Logon': ({ server: { accounts }, sid, elevated }) =>
    sid === systemSid
      ? { user: 'NT AUTHORITY\\SYSTEM', sid: 'S-1-5-18', elevated: true, note: 'NT AUTHORITY\\SYSTEM has a full token' }
      : {
          user: userOf(accounts, sid),
          sid,
          elevated,
          note: elevated
            ? `${userOf(accounts, sid)} has a full token`
            : `${userOf(accounts, sid)} is in Administrators, but this logon got its token without it (User Account Control)`,
        },
  'Restart-Windows': ({ server }, delaySeconds: number, comment: string) =>
    scheduleRestart(server, delaySeconds, comment),
}

function userOf(accounts: readonly LabAccount[], sid: string): string {
  return `${labDomain}\\${accounts.find(account => account.sid === sid)?.name ?? sid}`
}
