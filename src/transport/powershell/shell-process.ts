import type { PowerShell } from 'node-powershell'

/** Starts a PowerShell that reads what it is to do from its stdin, through node-powershell; nothing is sent to it yet. */
export async function startShellProcess(program: string, env: NodeJS.ProcessEnv): Promise<PowerShell> {
  const { PowerShell } = await withoutVariable('DEBUG', () => import('node-powershell'))
  return withoutVariable(
    'NODE_POWERSHELL',
    async () =>
      new PowerShell({
        ...awayFromTerminal(program, process.platform),
        spawnOptions: { env: { ...env, TERM: 'dumb', NO_COLOR: '1' }, windowsHide: true },
        throwOnInvocationError: false,
      }),
  )
}

/**
 * How the program is started. Ctrl-C of a terminal goes to every process of it: exroll stops in good order, and needs its shell for that, but a
 * PowerShell that is interrupted answers nothing any more. So on POSIX it gets a session of its own, or at least ignores the signal; a shell
 * is what can give it that, because node-powershell starts nothing detached. On Windows the heartbeat notices, and another shell is started.
 */
function awayFromTerminal(program: string, platform: NodeJS.Platform) {
  const options = { '-NoProfile': true, '-NonInteractive': true }
  if (platform === 'win32') return { executable: program, executableOptions: { '-NoLogo': true, ...options } }
  const start = `command -v setsid >/dev/null && exec setsid "$0" "$@"; trap '' INT; exec "$0" "$@"`
  // node-powershell puts -NoLogo first wherever it is named, which is no word of sh; PowerShell reads it in any case.
  const executableOptions = { '-NoLogo': false, '-c': start, [program]: true, '-nologo': true, ...options }
  return { executable: '/bin/sh', executableOptions }
}

/**
 * node-powershell reads two variables of its own: where DEBUG is set as it loads, it prints to stdout, which belongs to results; where NODE_POWERSHELL
 * is, it starts that in the place of what it is told to start.
 */
async function withoutVariable<T>(name: 'DEBUG' | 'NODE_POWERSHELL', act: () => Promise<T>): Promise<T> {
  const value = process.env[name]
  delete process.env[name]
  try {
    return await act()
  } finally {
    if (value !== undefined) process.env[name] = value
  }
}
