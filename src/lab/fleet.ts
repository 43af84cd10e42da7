import type { Role } from '../inventory/model.js'
import { knownPatches } from '../products/load.js'
import { defaultServices } from '../products/services.js'
import { homeFolder } from './endpoint/windows-path.js'
import type { LabOptions } from './model.js'
import type { LabClock } from './world/clock.js'
import { LabCluster } from './world/cluster.js'
import { registerExchange, registerPatch } from './world/installed.js'
import { LabServer } from './world/lab-server.js'
import { SeededRandom } from './world/seeded-random.js'
import {
  installerFolder,
  installPath,
  internetSettings,
  profileList,
  setupLogs,
  shellPolicy,
  softwarePublishing,
  systemSid,
} from './world/windows-places.js'

/** One server of the fleet before it is made up. */
export interface FleetMember {
  name: string
  role: Role
  site: string
  /** Name of the clustered mailbox server it is a node of. */
  cluster?: string
}

/** Each eight servers (product.md, "Lab state"): the last two are a CCR pair. */
const groupSize = 8

/** The servers of a fleet, in the order of the manual. A cluster node whose partner is not in the fleet stands alone. */
export function fleetMembers(count: number): FleetMember[] {
  const members: FleetMember[] = []
  for (let group = 0; members.length < count; group += 1) {
    const one = number(group + 1)
    const odd = number(2 * group + 1)
    const even = number(2 * group + 2)
    const site = ['hq', 'branch'][group % 2] ?? 'hq'
    const pair = { role: 'mailbox' as const, site, cluster: `ex-cms-${even}` }
    members.push(
      { name: `ex-mbx-${odd}`, role: 'mailbox', site },
      { name: `ex-cas-${odd}`, role: 'cas', site },
      { name: `ex-hub-${one}`, role: 'hub', site },
      { name: `ex-edge-${one}`, role: 'edge', site },
      { name: `ex-um-${one}`, role: 'um', site },
      { name: `ex-cas-${even}`, role: 'cas', site },
      { name: `ex-mbx-${even}a`, ...pair },
      { name: `ex-mbx-${even}b`, ...pair },
    )
  }
  const fleet = members.slice(0, count)
  const last = fleet.at(-1)
  if (last !== undefined && count % groupSize === groupSize - 1) delete last.cluster
  return fleet
}

/** Names in the order of the manual. */
export function fleetNames(count: number): string[] {
  return fleetMembers(count).map(({ name }) => name)
}

/** Makes the fleet up: the same options give the same servers. */
export function makeFleet(
  { servers, seed, installSeconds, share }: Pick<LabOptions, 'servers' | 'seed' | 'installSeconds' | 'share'>,
  { clock, spillFolder, rootOf }: { clock: LabClock; spillFolder: string; rootOf?: (name: string) => string },
): { member: FleetMember; server: LabServer }[] {
  const clusters = new Map<string, LabCluster>()
  const members = fleetMembers(servers)
  return members.map(member => {
    const random = new SeededRandom(seed, member.name, 'install')
    const server = new LabServer({
      name: member.name,
      seed,
      clock,
      roles: [member.role],
      spillFolder,
      ...(share === undefined ? {} : { share }),
      installSeconds: installSeconds ?? random.between(600, 1200),
      ...(rootOf === undefined ? {} : { root: rootOf(member.name) }),
    })
    if (member.cluster !== undefined) {
      const nodes = members.filter(({ cluster }) => cluster === member.cluster).map(({ name }) => name.toUpperCase())
      const active = new SeededRandom(seed, member.cluster).between(0, nodes.length - 1)
      const cluster =
        clusters.get(member.cluster) ??
        new LabCluster({ name: member.cluster.toUpperCase(), nodes, activeNode: nodes[active] ?? '' })
      clusters.set(member.cluster, cluster)
      server.cluster = cluster
    }
    makeServer(server)
    return { member, server }
  })
}

interface Level {
  level: string
  build: string
  rollup: number
}

/** Two levels that servers of one fleet are commonly at, months after a service pack. */
const levels: [Level, ...Level[]] = [
  { level: 'SP1 RU2', build: '8.1.278.2', rollup: 2 },
  { level: 'SP1 RU3', build: '8.1.291.2', rollup: 3 },
]

/** Puts Exchange 2007 SP1 with its services, settings and installer cache on a bare server. */
export function makeServer(server: LabServer): void {
  const random = server.random('make-up')
  makeFolders(server)
  makeExchange(server, random)
  makeServices(server, random)
  makeSettings(server, random)
}

/** Display name of a rollup of Exchange 2007 SP1, as Windows Installer shows it (article). */
export function rollupName(rollup: number, kb: string, build: string): string {
  return `Update Rollup ${rollup} for Exchange Server 2007 Service Pack 1 (${kb}) ${build}`
}

/** Registers a known patch (products/known-patches.yaml) with a cached copy of its package. */
export function addPatch(server: LabServer, level: string, displayName: (kb: string) => string): void {
  const patch = knownPatches().find(known => known.generation === '2007' && known.level === level)
  if (patch === undefined) throw new Error(`no patch is known for ${level}`)
  const random = server.random(`patch ${patch.kb}`)
  const localPackage = `${installerFolder}\\${random.hex(5).toLowerCase()}.msp`
  server.files.write(localPackage, `cached copy of ${patch.code} on ${server.name}, ${random.hex(32)}\r\n`)
  registerPatch(server, {
    code: patch.code,
    displayName: displayName(patch.kb),
    packageName: `Exchange2007-${patch.kb}-x64-EN.msp`,
    localPackage,
  })
}

function makeFolders({ files }: LabServer): void {
  for (const folder of [homeFolder, installerFolder, `${installPath}\\Bin`, setupLogs, 'C:\\ProgramData']) {
    files.makeFolder(folder)
  }
}

function makeExchange(server: LabServer, random: SeededRandom): void {
  const { level, build, rollup } = random.pick(levels)
  const cachedPackage = `${random.hex(5).toLowerCase()}.msi`
  registerExchange(server, { build, architecture: 'x64' }, cachedPackage)
  server.files.write(
    `${installerFolder}\\${cachedPackage}`,
    `cached copy of Exchange Server 2007 SP1, ${server.name}\r\n`,
  )
  server.files.write(`${setupLogs}\\ExchangeSetup.log`, setupLog(server))
  addPatch(server, level, kb => rollupName(rollup, kb, build))
}

function setupLog(server: LabServer): string {
  return [
    '[02/12/2008 21:14:02.0187] [0] **********************************************',
    '[02/12/2008 21:14:02.0203] [0] Starting Microsoft Exchange Server 2007 Setup',
    '[02/12/2008 21:14:02.0203] [0] **********************************************',
    `[02/12/2008 21:14:03.0015] [0] Setup is running on ${server.computerName}`,
    '[02/12/2008 21:51:40.0411] [0] The Exchange Server setup operation completed successfully.',
    '[02/12/2008 21:51:40.0427] [0] End of Setup',
    '',
  ].join('\r\n')
}

/** Agents that are on some servers only. */
const occasional = new Set(['HealthService', 'OnePoint', 'MOM', 'OMCFG'])

function makeServices(server: LabServer, random: SeededRandom): void {
  const hasAgent = random.next() < 0.4
  const found = defaultServices('2007', server.roles).filter(({ name }) => {
    if (name === 'ClusSvc') return server.cluster !== undefined
    return !occasional.has(name) || (name === 'HealthService' && hasAgent)
  })
  const names = new Set(found.map(({ name }) => name))
  for (const { name, displayName, startType } of found) {
    const runs = startType !== 'Manual' || name === 'msftesql-Exchange'
    server.services.add({
      name,
      displayName,
      startType,
      state: runs ? 'Running' : 'Stopped',
      dependsOn: dependencies(name).filter(needed => names.has(needed)),
    })
  }
  const pop = server.services.find('MSExchangePOP3')
  if (pop !== undefined && random.next() < 0.5) pop.state = 'Running'
  disableByChoice(server, random)
}

/** Every server has one service that its administrator turned off, and that has to stay off. */
function disableByChoice(server: LabServer, random: SeededRandom): void {
  const candidates = ['RemoteRegistry', 'MSExchangeAntispamUpdate', 'pla', 'MSExchangeMonitoring']
    .map(name => server.services.find(name))
    .filter(service => service !== undefined)
  const chosen = candidates[random.between(0, candidates.length - 1)]
  if (chosen === undefined) return
  chosen.startType = 'Disabled'
  chosen.state = 'Stopped'
}

function dependencies(name: string): string[] {
  if (name === 'W3SVC') return ['IISADMIN']
  if (name === 'MSExchangeSearch') return ['msftesql-Exchange', 'MSExchangeADTopology']
  if (name === 'MSExchangeTransport') return ['MSExchangeADTopology', 'ADAM_MSExchange']
  if (name === 'EdgeCredentialSvc') return ['ADAM_MSExchange']
  if (name === 'MSExchangeUM') return ['MSExchangeADTopology', 'MSSpeechService']
  return name.startsWith('MSExchange') && name !== 'MSExchangeADTopology' ? ['MSExchangeADTopology'] : []
}

function makeSettings(server: LabServer, random: SeededRandom): void {
  const { registry, account } = server
  registry.set(`${profileList}\\${account.sid}`, 'ProfileImagePath', homeFolder)
  // Nobody ever set it on about one server in five: absence, which has to come back as absence.
  if (random.next() < 0.8) registry.set(softwarePublishing(systemSid), 'State', 0x23c00)
  if (random.next() < 0.3) registry.set(softwarePublishing(account.sid), 'State', 0x23c00)
  registry.set(internetSettings(account.sid), 'CertificateRevocation', random.between(0, 1))
  registry.set(shellPolicy, 'ExecutionPolicy', 'RemoteSigned')
  registry.set(shellPolicy, 'ExecutionPolicy', 'RemoteSigned', '32')
}

function number(value: number): string {
  return String(value).padStart(2, '0')
}
