import { findPowerShell } from './executable.js'
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
  return {
    async shell() {
      const known = await current?.catch(() => undefined)
      if (known === undefined || known.dead) current = startHostedShell({ executable: findPowerShell(env), env })
      return current as Promise<HostedShell>
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
