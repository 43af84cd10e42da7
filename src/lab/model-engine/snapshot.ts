import { type ServiceFact, type SettingsFact, type StartType, startTypes } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { serviceFacts } from './calls/get-server-fact.js'
import { fromField, runFile, stateLines, toField } from './run-files.js'
import { ScriptProblem } from './script-problem.js'
import { settingsFact } from './settings.js'

export interface Snapshot {
  services: ServiceFact[]
  settings: SettingsFact
}

export function snapshotFile(run: string): string {
  return runFile(run, 'snapshot')
}

function accountSnapshotFile(run: string): string {
  return runFile(run, 'snapshot.account')
}

/** What the job's account had before the job's first change, taken by the job itself; once, like the snapshot. */
export function takeAccountSnapshot(server: LabServer, run: string, sid: string): void {
  if (server.files.exists(accountSnapshotFile(run))) return
  server.files.write(accountSnapshotFile(run), format({ services: [], settings: settingsFact(server, [sid]) }))
}

export interface SnapshotOptions {
  accounts: string[]
  /** Entries `W3SVC=Automatic`: a Disabled service listed there is not what it should be. */
  defaults: string[]
  /** An earlier attempt, or empty: what ran before it and is only stopped now counts as running. */
  before: string
}

/** Takes the snapshot of a run, once (ps-scripts/shared/Snapshot.ps1). True when this call took it. */
export function takeSnapshot(server: LabServer, run: string, { accounts, defaults, before }: SnapshotOptions): boolean {
  if (server.files.exists(snapshotFile(run))) return false
  const services = withEarlierState(server, trueServices(server, defaults), before)
  const taken = { services, settings: settingsFact(server, accounts) }
  server.files.write(snapshotFile(run), format(taken))
  return true
}

/** The run's snapshot. Throws `NO_SNAPSHOT`, or `SNAPSHOT_DAMAGED` when it is not whole. */
export function readSnapshot(server: LabServer, run: string): Snapshot {
  const lines = stateLines(server, snapshotFile(run))
  if (lines.length === 0) {
    throw new ScriptProblem(
      'NO_SNAPSHOT',
      `run ${run} has no snapshot on this server`,
      'Nothing of this run can be put back from here: its snapshot was never taken, or its folder was removed. exroll restore --from-defaults goes by product data.',
    )
  }
  if (lines.at(-1) !== `end ${lines.length - 1}`) {
    throw new ScriptProblem(
      'SNAPSHOT_DAMAGED',
      `the snapshot of run ${run} is not whole`,
      'Compare the services with another server of this role.',
    )
  }
  const services: ServiceFact[] = []
  let settings: SettingsFact | undefined
  for (const line of lines) {
    const [kind, ...fields] = line.split(' ')
    if (kind === 'service') services.push(serviceOf(fields))
    if (kind === 'settings') settings = JSON.parse(String(fromField(fields[0] ?? '')))
  }
  if (settings === undefined) throw new ScriptProblem('SNAPSHOT_DAMAGED', `the snapshot of run ${run} has no settings`)
  return { services, settings: withAccount(settings, stateLines(server, accountSnapshotFile(run))) }
}

/** What the job saw of its own account counts: it could see more of it. */
function withAccount(settings: SettingsFact, lines: string[]): SettingsFact {
  const line = lines.find(one => one.startsWith('settings '))
  if (line === undefined || lines.at(-1) !== `end ${lines.length - 1}`) return settings
  const own: SettingsFact = JSON.parse(String(fromField(line.split(' ')[1] ?? '')))
  return {
    ...own,
    crl: { ...settings.crl, ...own.crl },
    serverCertificateRevocation: { ...settings.serverCertificateRevocation, ...own.serverCertificateRevocation },
  }
}

function trueServices(server: LabServer, defaults: string[]): ServiceFact[] {
  const known = new Map<string, StartType>()
  for (const entry of defaults) {
    const at = entry.lastIndexOf('=')
    const startType = startTypes.find(type => type === entry.slice(at + 1))
    if (at > 0 && startType !== undefined) known.set(entry.slice(0, at).toLowerCase(), startType)
  }
  return serviceFacts(server).map(service => {
    const startType = known.get(service.name.toLowerCase())
    if (startType === undefined || service.startType !== 'Disabled') return service
    return { ...service, startType, state: startType.startsWith('Automatic') ? 'Running' : service.state }
  })
}

/** What ran before an attempt that was cut short was left stopped on purpose. */
function withEarlierState(server: LabServer, services: ServiceFact[], before: string): ServiceFact[] {
  if (before === '' || !server.files.exists(snapshotFile(before))) return services
  const earlier = readSnapshot(server, before).services.filter(({ state }) => state === 'Running')
  const ran = new Set(earlier.map(({ name }) => name.toLowerCase()))
  return services.map(service =>
    ran.has(service.name.toLowerCase()) && service.startType !== 'Disabled'
      ? { ...service, state: 'Running' }
      : service,
  )
}

function format({ services, settings }: Snapshot): string {
  const lines = ['exroll-snapshot 1']
  for (const { name, displayName, startType, state, dependsOn } of services) {
    lines.push(['service', ...[name, displayName, startType, state, dependsOn.join('/')].map(toField)].join(' '))
  }
  lines.push(`settings ${toField(JSON.stringify(settings))}`)
  lines.push(`end ${lines.length}`)
  return `${lines.join('\n')}\n`
}

function serviceOf(fields: string[]): ServiceFact {
  const [name = '', displayName = '', startType = '', state = '', needed = ''] = fields.map(field =>
    String(fromField(field)),
  )
  return {
    name,
    displayName,
    startType: startType as StartType,
    state: state as ServiceFact['state'],
    dependsOn: needed.split('/').filter(part => part !== ''),
  }
}
