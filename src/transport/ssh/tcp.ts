import { connect, type Socket } from 'node:net'
import { ConnectError } from '../../errors.js'

/**
 * Opens a TCP connection without Nagle's delay: with it SSH's small packets wait for each other (orchestration.md
 * section 2: 1.7 against 90 MB/s).
 *
 * Throws `ConnectError` `CONNECT_FAILED` or `CONNECT_TIMEOUT`; aborts with the signal's reason.
 */
export function openTcp(host: string, port: number, timeoutMs: number, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const socket = connect({ host, port, noDelay: true, keepAlive: true })
    const timer = setTimeout(() => fail(timedOut(host, port, timeoutMs)), timeoutMs)
    const onAbort = () => fail(signal?.reason)
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    function fail(reason: unknown): void {
      settle()
      socket.destroy()
      reject(reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => {
      settle()
      socket.off('error', onError)
      // Nobody may listen for a moment; a socket error without a listener would end the process.
      socket.on('error', () => undefined)
      resolve(socket)
    })
    const onError = (error: NodeJS.ErrnoException) => fail(refused(host, port, error))
    socket.once('error', onError)
  })
}

/** `CONNECT_TIMEOUT` before a TCP connection was there. */
function timedOut(host: string, port: number, timeoutMs: number): ConnectError {
  return new ConnectError(`${host}:${port} did not answer within ${timeoutMs} ms.`, {
    code: 'CONNECT_TIMEOUT',
    hint: 'Is the server up, and does a firewall on the way drop the port? ssh.connect_timeout in the inventory sets the limit.',
  })
}

const reasons: Readonly<Record<string, { what: string; hint: string }>> = {
  ECONNREFUSED: {
    what: 'refused the connection',
    hint: 'Is sshd running on the server (Get-Service sshd), and is the port right in the inventory?',
  },
  ENOTFOUND: { what: 'has no address', hint: 'The name is not in DNS. Check host in the inventory.' },
  EAI_AGAIN: { what: 'has no address', hint: 'DNS did not answer. Check the network and host in the inventory.' },
  EHOSTUNREACH: {
    what: 'cannot be reached',
    hint: 'There is no route to the host. Check the network or use ssh.jump.',
  },
  ENETUNREACH: { what: 'cannot be reached', hint: 'There is no route to the network. Check it or use ssh.jump.' },
  ETIMEDOUT: { what: 'did not answer', hint: 'Is the server up, and does a firewall on the way drop the port?' },
}

function refused(host: string, port: number, error: NodeJS.ErrnoException): ConnectError {
  const code = error.code ?? 'unknown error'
  const { what, hint } = reasons[code] ?? { what: 'cannot be connected to', hint: 'Check host and port.' }
  return new ConnectError(`${host}:${port} ${what} (${code}).`, { code: 'CONNECT_FAILED', hint, cause: error })
}
