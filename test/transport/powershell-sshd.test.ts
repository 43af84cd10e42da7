import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import type { Credential } from '../../src/inventory/model.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { powershellTransport } from '../../src/transport/powershell/powershell-transport.js'
import { createShellKeeper } from '../../src/transport/powershell/shell-keeper.js'
import { describeTransport } from './conformance.js'
import { type FarEnd, posixShell } from './far-end.js'
import { inventoryServer } from './inventory-server.js'
import { startSshd, whyNoSshd } from './sshd.js'

const pwsh = process.env.EXROLL_PWSH ?? 'pwsh'

async function whyNot(): Promise<string | undefined> {
  const { status } = spawnSync(pwsh, ['-NoProfile', '-Command', 'exit 0'])
  if (status !== 0) return 'no pwsh here (EXROLL_PWSH)'
  return whyNoSshd()
}

const reason = await whyNot()
if (reason === undefined) describeTransport("PowerShell over SSH to OpenSSH's sshd and pwsh -sshs", start)
else describe.skip(`transport conformance: PowerShell over SSH (${reason})`, () => it('runs', () => undefined))

async function start(): Promise<FarEnd> {
  const path = spawnSync('/bin/sh', ['-c', `command -v ${pwsh}`], { encoding: 'utf8' }).stdout.trim()
  const sshd = await startSshd([`Subsystem powershell ${path} -sshs -NoLogo -NoProfile`])
  const files = join(sshd.folder, 'files')
  mkdirSync(files)
  const keeper = createShellKeeper({ ...process.env, EXROLL_PWSH: path })
  const stay = keeper.use()
  return {
    port: sshd.port,
    shell: posixShell,
    // pwsh of the far end gives the whole code; the system below has eight bits.
    exitBits: 8,
    path: name => join(files, name),
    transport({ port = sshd.port } = {}) {
      const credential: Credential = { name: 'key', username: sshd.username, key: { file: sshd.keyFile } }
      const server = {
        ...inventoryServer(port, credential, { hostKey: sshd.hostKey }),
        powershell: { over: 'ssh' as const },
      }
      return powershellTransport(server, { secrets: openSecrets({ env: {} }), keeper })
    },
    isRunning(marker) {
      try {
        process.kill(Number(marker.split('\n')[0]), 0)
        return true
      } catch {
        return false
      }
    },
    async close() {
      stay()
      await sshd.close()
    },
  }
}
