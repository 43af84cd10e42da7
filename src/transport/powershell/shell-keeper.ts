import { ConnectError } from '../../errors.js'
import { findPowerShell } from '../../powershell/find.js'
import { type HostedShell, startHostedShell } from './hosted-shell.js'

/** One hosted shell for all servers of a process; a dead one is replaced by the next who asks. */
export interface ShellKeeper {
  /** Throws `ConnectError` PWSH_MISSING or SHELL_START. */
  shell(): Promise<HostedShell>
  /** Counts who still needs it: the last to leave ends it, so that it does not keep the process alive. */
  use(): () => void
}

export function createShellKeeper(env: NodeJS.ProcessEnv): ShellKeeper {
  let current: Promise<HostedShell> | undefined
  let users = 0

  /** Whoever waits for a start shares its failure; the next who asks tries anew. */
  const start = () => {
    const starting = startHostedShell({ executable: hostedProgram(env), env })
    starting.catch(() => {
      if (current === starting) current = undefined
    })
    return starting
  }

  return {
    async shell() {
      const asked = current
      if (asked !== undefined) {
        const shell = await asked
        if (!shell.dead) return shell
        // Another who found it dead may have started the next one already.
        if (current === asked) current = undefined
      }
      current ??= start()
      return current
    },
    use() {
      users++
      let left = false
      return () => {
        if (left) return
        left = true
        users--
        if (users > 0) return
        const ending = current
        current = undefined
        void ending?.then(shell => shell.end()).catch(() => undefined)
      }
    },
  }
}

function hostedProgram(env: NodeJS.ProcessEnv): string {
  const found = findPowerShell(env)
  if ('program' in found) return found.program
  throw new ConnectError(`There is no PowerShell on this machine to host: ${found.missing}.`, {
    code: 'PWSH_MISSING',
    hint: 'Install PowerShell 7 (dotnet tool install --global PowerShell, or the package of your system), or use transport: ssh or winrm.',
  })
}
