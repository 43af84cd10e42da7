import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ConnectError } from '../errors.js'
import { openTcp } from '../transport/ssh/tcp.js'
import { dial } from '../transport/winrm/http/dial.js'
import type { Way } from './hop.js'

/** A connection that is not answered for so long counts as dropped on the way. */
export const lookMs = 10_000

/** Does the name have an address, and does something listen on the port? */
export async function lookAtNetwork(way: Way, host: string, port: number, transport: string): Promise<void> {
  await way.look('name', async () => {
    if (isIP(host) !== 0) return { found: `${host} is an address`, value: undefined }
    try {
      const addresses = await lookup(host, { all: true })
      return { found: `${host} is ${addresses.map(({ address }) => address).join(', ')}`, value: undefined }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
      throw new ConnectError(`${host} has no address (${code}).`, {
        code: 'NAME_UNKNOWN',
        hint: 'Check host in the inventory and the DNS servers of this machine.',
      })
    }
  })
  await way.look('port', async () => {
    const socket =
      transport === 'ssh' ? await openTcp(host, port, lookMs) : (await dial({ host, port, timeoutMs: lookMs })).socket
    socket.destroy()
    return { found: `${host}:${port} accepts connections`, value: undefined }
  })
}
