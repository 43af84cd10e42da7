import type { Duplex } from 'node:stream'
import { ConnectError } from '../../errors.js'
import { type Dialed, type DialOptions, dial, LogonCutError } from './dial.js'
import { algorithmTries } from './host-key.js'

export interface DialTrustedOptions extends Omit<DialOptions, 'socket' | 'algorithms'> {
  /** Opens a connection to the SSH port; called once a try. */
  openSocket: () => Promise<Duplex>
}

/** `dial`, asking for the server's other host keys before the first one that it shows is refused. Throws as `dial` does. */
export async function dialTrusted(options: DialTrustedOptions, signal?: AbortSignal): Promise<Dialed> {
  const { openSocket, ...rest } = options
  let mismatch: unknown
  for (const algorithms of algorithmTries(options.rules)) {
    try {
      return await dial({ ...rest, socket: await openSocket(), algorithms }, signal)
    } catch (error) {
      if (mismatch === undefined ? !isMismatch(error) : !isKeyTryOver(error)) throw error
      mismatch ??= error
    }
  }
  throw mismatch
}

function isMismatch(error: unknown): boolean {
  return error instanceof ConnectError && error.code === 'HOST_KEY_CHANGED'
}

/** Another type of key did not help either: the first mismatch stays the answer. */
function isKeyTryOver(error: unknown): boolean {
  return error instanceof ConnectError && !(error instanceof LogonCutError)
}
