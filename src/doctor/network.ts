import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { ConnectError } from '../errors.js'
import { openTcp } from '../transport/ssh/tcp.js'
import { dial } from '../transport/winrm/http/dial.js'
import type { Way } from './hop.js'

/** A connection that is not answered for so long counts as dropped on the way. */
export const lookMs = 10_000

/** A port that accepted the connection and said nothing is asked again for so long, in milliseconds. */
export const silentMs = 3000

/** Does the name have an address, and does something listen on the port? */
export async function lookAtNetwork(way: Way, host: string, port: number, transport: string): Promise<void> {
  await way.look('name', async () => {
    if (isIP(host) !== 0) return { found: `${host} is an address`, value: undefined }
    try {
      const addresses = await Promise.race([lookup(host, { all: true }), late()])
      return { found: `${host} is ${addresses.map(({ address }) => address).join(', ')}`, value: undefined }
    } catch (error) {
      throw noAddress(host, error instanceof Error && 'code' in error ? String(error.code) : 'unknown error')
    }
  })
  await way.look('port', async () => {
    const socket =
      transport === 'ssh' ? await openTcp(host, port, lookMs) : (await dial({ host, port, timeoutMs: lookMs })).socket
    socket.destroy()
    return { found: `${host}:${port} accepts connections`, value: undefined }
  })
}

/** Asks no longer than for anything else; the system's own limit may be half a minute. */
async function late(): Promise<never> {
  await setTimeout(lookMs, undefined, { ref: false })
  throw Object.assign(new Error('the name servers do not answer'), { code: 'ETIMEOUT' })
}

function noAddress(host: string, code: string): ConnectError {
  const silent = code === 'EAI_AGAIN' || code === 'ETIMEOUT'
  const hint = silent
    ? 'The name servers of this machine do not answer: check its network and DNS (nslookup), or write an address as host.'
    : `Check host in the inventory (nslookup ${host}), and that this machine asks the name servers of the domain: a short name may want its domain.`
  return new ConnectError(`${host} has no address (${code}).`, { code: 'NAME_UNKNOWN', hint })
}
