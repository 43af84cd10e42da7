import { createHash } from 'node:crypto'
import type { LabShare } from '../model.js'
import { jobName, type LabAccount, logonName } from './accounts.js'
import { ChangeCounter } from './change-counter.js'
import type { LabClock } from './clock.js'
import type { LabCluster } from './cluster.js'
import { DiskFileSystem } from './disk-file-system.js'
import { EventLog } from './event-log.js'
import { FileSystem } from './file-system.js'
import { NetworkCard } from './network-card.js'
import { ProcessTable } from './process-table.js'
import { Registry } from './registry.js'
import { SeededRandom } from './seeded-random.js'
import { WindowsServices } from './services.js'
import { TaskScheduler } from './task-scheduler.js'
import { UserHives } from './user-hives.js'
import { sessionManager } from './windows-places.js'

export interface LabServerOptions {
  /** Lower case, as in the inventory. */
  name: string
  seed: number
  clock: LabClock
  roles: string[]
  spillFolder: string
  /** Server seconds an install takes; 0 = at once. */
  installSeconds: number
  /** A folder of the real machine that becomes the server's drive; absent: the files are kept in memory. */
  root?: string
  /** What is on the network beside Exchange servers; absent: no file server. */
  share?: LabShare
}

/** A server reboots in this many server milliseconds. */
const bootMs = 90_000

/** One simulated Exchange server: Windows as far as a rollup touches it. */
export class LabServer {
  readonly name: string
  readonly roles: string[]
  readonly seed: number
  readonly installSeconds: number
  readonly clock: LabClock
  readonly changes = new ChangeCounter()
  readonly registry: Registry
  readonly files: FileSystem
  readonly events: EventLog
  readonly services: WindowsServices
  readonly processes: ProcessTable
  readonly tasks: TaskScheduler
  readonly network = new NetworkCard()
  /** The logon of exroll's account: its SID, and whether it gets a full token over the network. */
  readonly account: LabAccount & { elevated: boolean }
  /** Who can log on here: exroll's account first. */
  readonly accounts: readonly LabAccount[]
  readonly hives: UserHives
  /** Names of the accounts whose password was tried to register a task, in order. */
  readonly logonsTried: string[] = []
  cluster?: LabCluster
  readonly share: LabShare | undefined
  /** Services that WMI does not list, because its repository is damaged: the installer cannot save what it cannot see. */
  readonly hiddenFromWmi = new Set<string>()
  /** The installer's mutex `Global\_MSIExecute`: the process that holds it. */
  installerMutex: { pid: number } | undefined
  /** Installs that Windows Installer began. */
  installsStarted = 0
  /** Installs that ended at once because another one held the mutex (1618). */
  installsRefused = 0
  powershellVersion = '2.0'
  /** Where the machine's account logs on; an Edge server is in no domain. */
  domainController: string | undefined
  /** Restarts that somebody else has planned for while an installation runs. */
  foreignRestarts = 0
  #bootedAt: number
  #boots = 0

  constructor(options: LabServerOptions) {
    const random = new SeededRandom(options.seed, options.name, 'server')
    this.name = options.name
    this.roles = options.roles
    this.share = options.share
    this.seed = options.seed
    this.installSeconds = options.installSeconds
    this.clock = options.clock
    this.domainController = options.roles.includes('edge') ? undefined : 'dc-01.exlab.example'
    this.registry = new Registry(this.changes)
    const files = { ...options, changes: this.changes }
    this.files =
      options.root === undefined ? new FileSystem(files) : new DiskFileSystem({ ...files, root: options.root })
    this.events = new EventLog(this.changes, this.clock)
    this.services = new WindowsServices({
      clock: this.clock,
      changes: this.changes,
      events: this.events,
      instant: options.installSeconds === 0,
    })
    this.processes = new ProcessTable(() => this.clock.elapsedMs)
    this.tasks = new TaskScheduler({ clock: this.clock, processes: this.processes, changes: this.changes })
    this.hives = new UserHives(this.registry)
    const domain = `S-1-5-21-${random.between(1e8, 4e9)}-${random.between(1e8, 4e9)}-${random.between(1e8, 4e9)}`
    const rights = { password: '', administrator: true, batchLogon: true }
    this.account = { name: logonName, sid: `${domain}-1108`, elevated: true, ...rights }
    this.accounts = [this.account, { name: jobName, sid: `${domain}-1109`, ...rights }]
    this.#bootedAt = -random.between(3, 40) * 24 * 3_600_000
  }

  /** `EX-MBX-01` */
  get computerName(): string {
    return this.name.toUpperCase()
  }

  get uptimeMs(): number {
    return Math.floor(this.clock.elapsedMs - this.#bootedAt)
  }

  get bootId(): string {
    return `${this.name}-boot-${this.#boots}`
  }

  random(purpose: string): SeededRandom {
    return new SeededRandom(this.seed, this.name, purpose)
  }

  /** The moment that somebody else's restart waits for: it comes, if there is one. */
  sufferRestart(): void {
    if (this.foreignRestarts === 0) return
    this.foreignRestarts -= 1
    this.events.write({
      log: 'System',
      source: 'USER32',
      id: 1074,
      level: 'Information',
      text: `The process svchost.exe has initiated the restart of computer ${this.computerName} on behalf of user NT AUTHORITY\\SYSTEM: Windows Update`,
    })
    this.reboot().catch(() => undefined)
  }

  /** Restarts: every process and connection ends, services start by their start types, start-up tasks run. */
  async reboot(): Promise<void> {
    this.network.down = true
    this.network.cut()
    this.processes.killAll()
    this.installerMutex = undefined
    this.hives.powerOff()
    this.services.powerOff()
    this.files.powerOff()
    this.tasks.powerOff()
    this.#boots += 1
    await this.clock.sleep(bootMs)
    this.#bootedAt = this.clock.elapsedMs
    this.registry.delete(sessionManager, 'PendingFileRenameOperations')
    this.services.boot()
    this.network.down = false
    this.tasks.boot()
  }

  /** Hash of all that a dry run must not change. */
  digest(): string {
    const hash = createHash('sha256')
    for (const lines of [this.registry.lines(), this.services.lines(), this.files.lines(), this.tasks.names]) {
      for (const line of lines) hash.update(line).update('\n')
      hash.update('\0')
    }
    hash.update(String(this.events.entries.length))
    return `sha256:${hash.digest('hex')}`
  }

  close(): void {
    this.processes.killAll()
    this.tasks.close()
    this.files.close()
  }
}
