import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Credential, InventoryServer } from '../../../src/inventory/model.js'
import { findPowerShell } from '../../../src/powershell/find.js'
import { missingHostReason, powershellHost } from '../../powershell-host/host.js'
import { inventoryServer } from '../inventory-server.js'
import { type Sshd, startSshd, whyNoSshd } from '../sshd.js'

/** The PowerShell of this machine, to host; empty where there is none. */
export const pwsh = (() => {
  const found = findPowerShell(process.env)
  return 'program' in found ? found.program : ''
})()

/** Why a hosted PowerShell cannot be tried over sshd here; undefined where it can. */
export async function whyNotHosted(): Promise<string | undefined> {
  if (pwsh === '') return 'no pwsh here to host (EXROLL_PWSH)'
  const host = missingHostReason()
  return host === '' ? whyNoSshd() : host
}

export interface EngineBehindSshd extends Sshd {
  server: InventoryServer
  /** An empty folder of the far end. */
  files: string
}

/** OpenSSH's sshd with the tests' engine as its PowerShell. */
export async function engineBehindSshd(): Promise<EngineBehindSshd> {
  const sshd = await startSshd([`Subsystem powershell ${powershellHost()} -sshs -NoLogo -NoProfile`])
  const files = join(sshd.folder, 'far files')
  mkdirSync(files)
  const credential: Credential = { name: 'key', username: sshd.username, key: { file: sshd.keyFile } }
  const server: InventoryServer = {
    ...inventoryServer(sshd.port, credential, { hostKey: sshd.hostKey }),
    transport: 'powershell',
    powershell: { over: 'ssh' },
  }
  return { ...sshd, server, files }
}
