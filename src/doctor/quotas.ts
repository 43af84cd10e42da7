import { ConnectError, TransferError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { Channel } from '../transport/winrm/channel/channel.js'
import { ChannelPool } from '../transport/winrm/channel/channel-pool.js'
import { HttpConnectionError } from '../transport/winrm/http/http-connection.js'
import { commandLimit } from '../transport/winrm/shell/shell-set.js'
import { readTarget } from '../transport/winrm/target.js'
import { defaultEnvelopeBytes, FaultError, WsmanClient } from '../transport/winrm/wsman/client.js'
import { readServiceConfig } from '../transport/winrm/wsman/service-config.js'
import type { Named, Way } from './hop.js'

interface Quota {
  /** In winrm/config. */
  name: string
  /** Below it something of exroll's does not work, or not always. */
  least?: number
  code?: string
  fix?: string
}

const quotas: readonly Quota[] = [
  {
    name: 'MaxEnvelopeSizekb',
    least: defaultEnvelopeBytes / 1024,
    code: 'ENVELOPE_TOO_LARGE',
    fix: 'winrm set winrm/config @{MaxEnvelopeSizekb="500"}: messages of exroll, as of other clients, have up to 150 KB.',
  },
  { name: 'Service/MaxConcurrentOperationsPerUser' },
  {
    name: 'Winrs/MaxShellsPerUser',
    least: 3,
    code: 'QUOTA_SHELLS',
    fix: 'winrm set winrm/config/winrs @{MaxShellsPerUser="30"}: one run has two shells open now and then.',
  },
  {
    name: 'Winrs/MaxProcessesPerShell',
    least: commandLimit,
    code: 'QUOTA_PROCESSES',
    fix: `winrm set winrm/config/winrs @{MaxProcessesPerShell="25"}: one run has up to ${commandLimit} commands at work.`,
  },
  {
    name: 'Winrs/MaxMemoryPerShellMB',
    least: 150,
    code: 'QUOTA_MEMORY',
    fix: 'winrm set winrm/config/winrs @{MaxMemoryPerShellMB="1024"}: PowerShell needs about 100 MB to begin with.',
  },
]

/** What the service allows at once, which only administrators may read. The first that is too small is named with its fix. */
export async function lookAtQuotas(way: Way, server: InventoryServer, secrets: Secrets): Promise<void> {
  await way.look('quotas', async () => {
    const target = await readTarget(server, secrets)
    const pool = new ChannelPool(signal => Channel.open(target, signal))
    const { host, port } = server
    const where = `${host}:${port}`
    const url = `${server.winrm.scheme ?? 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}/wsman`
    try {
      const config = await readServiceConfig(new WsmanClient({ pool, url, where }))
      return { ...judge(config), value: undefined }
    } catch (error) {
      if (error instanceof HttpConnectionError) throw unanswered(where, error)
      if (!(error instanceof FaultError)) throw error
      const fix = 'It needs the rights of an administrator; exroll does without and sends smaller messages.'
      return { found: error.message, value: undefined, note: { code: 'QUOTAS_UNKNOWN', fix } }
    } finally {
      pool.close()
    }
  })
}

function judge(config: ReadonlyMap<string, string>): { found: string; note?: Named } {
  const known = quotas.filter(({ name }) => config.has(name))
  const found = known.map(({ name }) => `${name.slice(name.lastIndexOf('/') + 1)} ${config.get(name)}`).join(', ')
  // 0 means that there is no limit.
  const small = known.find(({ name, least = 0 }) => {
    const value = Number(config.get(name))
    return value > 0 && value < least
  })
  if (small?.code === undefined || small.fix === undefined) return { found: found || 'the service names none' }
  // With less no script call fits in a message.
  if (small.code === 'ENVELOPE_TOO_LARGE')
    throw new TransferError(`${small.name} is ${config.get(small.name)}.`, { code: small.code, hint: small.fix })
  return { found, note: { code: small.code, fix: small.fix } }
}

function unanswered(where: string, error: HttpConnectionError): ConnectError {
  return new ConnectError(`${where} did not say what its quotas are: ${error.message}.`, {
    code: error.kind === 'timeout' ? 'CONNECT_TIMEOUT' : 'CONNECTION_LOST',
    hint: 'Restart-Service WinRM on the server, and look at its event log Microsoft-Windows-WinRM/Operational.',
    cause: error,
  })
}
