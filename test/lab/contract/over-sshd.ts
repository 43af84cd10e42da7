import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { callLine } from '../../../src/scripts/bootstrap.js'
import { openSecrets } from '../../../src/secrets/secrets.js'
import { sshTransport } from '../../../src/transport/ssh/ssh-transport.js'
import { inventoryServer } from '../../transport/inventory-server.js'
import { startSshd } from '../../transport/sshd.js'
import type { ContractOptions, Line } from './contract-server.js'

/** Calls go over exroll's own SSH transport to OpenSSH's sshd, where `powershell.exe` on the PATH is a PowerShell on the server. */
export const overSshd: NonNullable<ContractOptions['over']> = async ({
  engine,
  server,
  root,
  program,
}): Promise<Line> => {
  const { environment, end } = engine.admit(server)
  const programs = join(root, 'programs')
  mkdirSync(programs, { recursive: true })
  const powershell = join(programs, 'powershell.exe')
  writeFileSync(powershell, `#!/bin/sh\ncd '${root}' && EXROLL_LAB_WORLD='${environment}' exec '${program}' "$@"\n`)
  chmodSync(powershell, 0o755)
  const sshd = await startSshd([`SetEnv PATH=${programs}:${process.env.PATH}`])
  const credential = { name: 'key', username: sshd.username, key: { file: sshd.keyFile } }
  const where = inventoryServer(sshd.port, credential, { hostKey: sshd.hostKey })
  const session = await sshTransport(where, { secrets: openSecrets({ env: {} }) }).connect()
  return {
    async run(name, args, stdout) {
      const { exitCode, stderr } = await session.run(
        { line: callLine, stdin: engine.encode(name, args) },
        { onStdout: stdout },
      )
      return { exitCode, stderr }
    },
    async close() {
      await session.close()
      await sshd.close()
      end()
    },
  }
}
