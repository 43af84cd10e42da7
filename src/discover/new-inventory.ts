import type { Credential } from '../inventory/model.js'
import { inFlow } from './flow.js'
import type { DiscoveredLogon, DiscoveredServer, Discovery } from './model.js'

export interface NewInventoryOptions {
  /** For servers of which the source does not say how to log on. */
  logon: DiscoveredLogon
  /** `Exchange 2007 SP1 (8.1.240.6)` for a version. */
  describe: (version: string) => string
}

/** A server as an inventory writes it: the values of its keys, in their order. */
export type ServerKeys = Readonly<Record<string, unknown>>

/** An inventory of its own for what was discovered: no placeholders, no secrets; passwords are asked for. */
export function newInventory({ source, servers }: Discovery, { logon, describe }: NewInventoryOptions): string {
  const names = credentialNames([logon, ...servers.flatMap(server => server.logon ?? [])])
  const nameOf = (one: DiscoveredLogon): string => names.get(keyOf(one)) ?? ''
  const usual = mostFrequent(servers.map(server => nameOf(server.logon ?? logon))) ?? nameOf(logon)
  const used = new Set(servers.map(server => nameOf(server.logon ?? logon)))
  const credentials = [
    ...new Map([logon, ...servers.flatMap(({ logon: own }) => own ?? [])].map(one => [nameOf(one), one])),
  ].filter(([name]) => used.has(name))
  const transports = new Set(servers.map(({ transport = 'auto' }) => transport))
  const [transport] = transports.size === 1 ? transports : []
  const versions = servers.some(({ version }) => version !== undefined)
  const edge = servers.some(({ roles }) => roles.includes('edge'))
  return [
    `# The servers of ${oneLine(source)}.`,
    ...(versions ? ['# Versions are what Setup wrote down: a rollup of 2007 or 2010 does not change them.'] : []),
    'defaults:',
    ...(transport === undefined ? [] : [`  transport: ${transport}`]),
    `  credential: ${inFlow(usual)}`,
    '',
    '# A password is never written here: env | file | command | vault | prompt say where it comes from.',
    ...(edge ? ['# An Edge server is in no domain: give it a credential of its own.'] : []),
    'credentials:',
    ...credentials.map(([name, one]) => `  ${inFlow(name)}: ${inFlow(credentialKeys(one))}`),
    '',
    'servers:',
    ...servers.map(server => {
      const name = nameOf(server.logon ?? logon)
      const keys = serverKeys(server, {
        ...(transport === undefined && { transport: server.transport ?? 'auto' }),
        ...(name !== usual && { credential: name }),
      })
      return `  - ${inFlow(keys)}${versionComment(server, describe)}`
    }),
    '',
  ].join('\n')
}

export function serverKeys(
  server: DiscoveredServer,
  more: { transport?: string; credential?: string } = {},
): ServerKeys {
  const { name, host, roles, site, cluster, port, winrm } = server
  return {
    name,
    host,
    ...(more.transport !== undefined && { transport: more.transport }),
    ...(port !== undefined && { port }),
    roles,
    ...(site !== undefined && { site }),
    ...(cluster !== undefined && { cluster: { type: cluster.type, name: cluster.name } }),
    ...(winrm !== undefined && { winrm }),
    ...(more.credential !== undefined && { credential: more.credential }),
  }
}

export function credentialKeys({ username, keyFile }: DiscoveredLogon): Omit<Credential, 'name'> {
  return keyFile === undefined ? { username, password: { prompt: true } } : { username, key: { file: keyFile } }
}

/** ` # Exchange 2007 SP1 (8.1.240.6)`, or nothing. */
export function versionComment({ version }: DiscoveredServer, describe: (version: string) => string): string {
  return version === undefined ? '' : ` # ${oneLine(describe(version))}`
}

/** A name for each way to log on, made of its user's name. */
export function credentialNames(logons: readonly DiscoveredLogon[], taken: Iterable<string> = []): Map<string, string> {
  const names = new Map<string, string>()
  const used = new Set(taken)
  for (const logon of logons) {
    if (names.has(keyOf(logon))) continue
    const user = logon.username.replace(/^.*\\/s, '').replace(/@.*$/s, '')
    const base = user.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replaceAll(/^-+|-+$/g, '') || 'operator'
    let name = base
    for (let count = 2; used.has(name); count++) name = `${base}-${count}`
    used.add(name)
    names.set(keyOf(logon), name)
  }
  return names
}

export function keyOf({ username, keyFile }: DiscoveredLogon): string {
  return JSON.stringify([username.toLowerCase(), keyFile ?? null])
}

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0]
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}
