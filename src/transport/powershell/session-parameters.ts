import type { InventoryServer, PowershellOptions } from '../../inventory/model.js'

/** Milliseconds a server may take to answer at all. */
const connectTimeoutMs = 30_000

/** How the hosted PowerShell goes to a server; over WinRM unless the inventory says otherwise. */
export function powershellOf({ powershell }: InventoryServer): PowershellOptions {
  return powershell ?? { over: 'winrm' }
}

/** Parameters of New-PSSession for a server, as plain data (about_Remote, New-PSSession). Pure. */
export function sessionParameters(server: InventoryServer, knownHosts?: string): Record<string, unknown> {
  const { host, port, credential, ssh } = server
  const powershell = powershellOf(server)
  if (powershell.over === 'ssh') {
    const options: Record<string, string> = {
      // Nobody could answer a question that ssh asks.
      BatchMode: 'yes',
      StrictHostKeyChecking: 'yes',
      ConnectTimeout: String(Math.ceil((ssh.connectTimeoutMs ?? connectTimeoutMs) / 1000)),
      ...(knownHosts === undefined ? {} : { UserKnownHostsFile: `"${knownHosts}"` }),
    }
    if (credential.key !== undefined) options.IdentitiesOnly = 'yes'
    return {
      HostName: host,
      Port: port,
      UserName: credential.username,
      Options: options,
      ...(credential.key === undefined ? {} : { KeyFilePath: credential.key.file }),
      ...(powershell.subsystem === undefined ? {} : { Subsystem: powershell.subsystem }),
    }
  }
  return {
    ComputerName: host,
    Port: port,
    ...(powershell.useSsl === true ? { UseSSL: true } : {}),
    ...(powershell.authentication === undefined ? {} : { Authentication: authentications[powershell.authentication] }),
    ...(powershell.configuration === undefined ? {} : { ConfigurationName: powershell.configuration }),
  }
}

const authentications = { negotiate: 'Negotiate', kerberos: 'Kerberos', credssp: 'CredSSP' } as const
