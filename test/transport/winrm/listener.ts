import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { InventoryServer, WinrmOptions } from '../../../src/inventory/model.js'
import type { WinrmQuotas } from '../../../src/lab/endpoint/winrm/lab-shell.js'
import { startWinrmEndpoint, type WinrmEndpointOptions } from '../../../src/lab/endpoint/winrm/winrm.js'
import { WsmanService } from '../../../src/lab/endpoint/winrm/wsman-service.js'
import { openSecrets } from '../../../src/secrets/secrets.js'
import type { Transport } from '../../../src/transport/transport.js'
import { Channel } from '../../../src/transport/winrm/channel/channel.js'
import { ChannelPool } from '../../../src/transport/winrm/channel/channel-pool.js'
import { ShellRecord } from '../../../src/transport/winrm/shell-record.js'
import { readTarget } from '../../../src/transport/winrm/target.js'
import { winrmTransport } from '../../../src/transport/winrm/winrm-transport.js'
import { WsmanClient } from '../../../src/transport/winrm/wsman/client.js'
import { MemoryHost } from '../../lab/endpoint/memory-host.js'
import { inventoryServer } from '../inventory-server.js'

const credential = { name: 'lab', username: 'exadmin', password: { env: 'PASSWORD' } }

export interface Listener {
  host: MemoryHost
  service: WsmanService
  port: number
  close(): Promise<void>
}

type ListenerOptions = Pick<WinrmEndpointOptions, 'tls' | 'allowUnencrypted'>

/** The lab's listener in front of a host in memory: over HTTP where `how` says nothing else. */
export async function startListener(quotas: Partial<WinrmQuotas> = {}, how: ListenerOptions = {}): Promise<Listener> {
  const host = new MemoryHost()
  const service = new WsmanService({ host, quotas })
  const endpoint = await startWinrmEndpoint({ host, service, domain: 'EXLAB', ...how })
  return {
    host,
    service,
    port: endpoint.port,
    async close() {
      service.close()
      await endpoint.close()
    },
  }
}

export function serverAt(port: number, winrm: WinrmOptions = {}): InventoryServer {
  return { ...inventoryServer(port, credential), transport: 'winrm', winrm }
}

/** Of these tests alone: this user's own may name a shell that a killed process left at the same port. */
const ownFolder = mkdtempSync(join(tmpdir(), 'exroll-shells-'))
afterAll(() => rmSync(ownFolder, { recursive: true, force: true }))
const ownRecord = new ShellRecord(ownFolder)

export function transportTo(port: number, winrm: WinrmOptions = {}, record: ShellRecord = ownRecord): Transport {
  const secrets = openSecrets({ env: { PASSWORD: 'right' } })
  return winrmTransport(serverAt(port, winrm), { secrets, record })
}

/** A client below sessions, whose times a test can make short. */
export async function clientTo(
  port: number,
  times: { operationTimeoutMs: number; answerGraceMs: number },
  winrm: WinrmOptions = {},
): Promise<{ client: WsmanClient; pool: ChannelPool }> {
  const target = await readTarget(serverAt(port, winrm), openSecrets({ env: { PASSWORD: 'right' } }))
  const pool = new ChannelPool(signal => Channel.open(target, signal))
  const where = `127.0.0.1:${port}`
  return { client: new WsmanClient({ pool, url: `http://${where}/wsman`, where, ...times }), pool }
}
