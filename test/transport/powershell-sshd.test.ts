import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import type { Credential } from '../../src/inventory/model.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { powershellTransport } from '../../src/transport/powershell/powershell-transport.js'
import { createShellKeeper } from '../../src/transport/powershell/shell-keeper.js'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import { describeTransport } from './conformance.js'
import { type FarEnd, posixShell } from './far-end.js'
import { inventoryServer } from './inventory-server.js'
import { startSshd, whyNoSshd } from './sshd.js'

const pwsh = process.env.EXROLL_PWSH ?? 'pwsh'

async function whyNot(): Promise<string | undefined> {
  const { status } = spawnSync(pwsh, ['-NoProfile', '-Command', 'exit 0'])
  if (status !== 0) return 'no pwsh here to host (EXROLL_PWSH)'
  return whyNoSshd()
}

const reason = await whyNot()
const engine = powershellHost()
const farEnds = [
  ["the tests' engine", engine],
  ['pwsh', reason === undefined ? fullPath(pwsh) : undefined],
] as const
for (const [name, program] of farEnds) {
  const title = `PowerShell over OpenSSH's sshd to ${name}`
  const missing = reason ?? (program === undefined ? missingHostReason() : undefined)
  if (missing === undefined) describeTransport(title, () => start(program ?? ''))
  else describe.skip(`transport conformance: ${title} (${missing})`, () => it('runs', () => undefined))
}

function fullPath(program: string): string {
  return spawnSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim()
}

/** sshd with `program -sshs` as its PowerShell, reached through the pwsh of this machine. */
async function start(program: string): Promise<FarEnd> {
  const sshd = await startSshd([`Subsystem powershell ${program} -sshs -NoLogo -NoProfile`])
  const files = join(sshd.folder, 'files')
  mkdirSync(files)
  const keeper = createShellKeeper({ ...process.env, EXROLL_PWSH: fullPath(pwsh) })
  const stay = keeper.use()
  return {
    port: sshd.port,
    shell: posixShell,
    // pwsh of the far end gives the whole code; the system below has eight bits.
    exitBits: 8,
    // A new session compiles what it runs for the first time.
    firstLineMs: 8000,
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
