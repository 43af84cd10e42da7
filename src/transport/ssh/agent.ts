import ssh2 from 'ssh2'

/** The SSH agent of the operator's session: `SSH_AUTH_SOCK`, or on Windows the pipe of its OpenSSH. Undefined where none is named. */
export function agentSocket(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const socket = env.SSH_AUTH_SOCK
  if (socket !== undefined && socket !== '') return socket
  return platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined
}

/** How many keys the agent behind a socket or pipe holds. Rejects when nobody answers there. */
export function countAgentKeys(socket: string): Promise<number> {
  return new Promise((resolve, reject) => {
    ssh2.createAgent(socket).getIdentities((error, keys = []) => {
      if (error === undefined || error === null) resolve(keys.length)
      else reject(error)
    })
  })
}
