import { setImmediate as turn } from 'node:timers/promises'
import type { PackageInfo } from '../../products/model.js'
import { DiskFull } from '../world/file-system.js'
import type { LabServer } from '../world/lab-server.js'
import type { SeededRandom } from '../world/seeded-random.js'
import type { PayloadFile } from './payload.js'
import type { VerboseLog } from './verbose-log.js'

/** The installation ends here: with an exit code of Windows Installer, and the return value that its actions get. */
export class InstallEnd extends Error {
  override readonly name = 'InstallEnd'
  /** 1603, 1612, 1635 ... (exchange.md 3.5) */
  readonly code: number
  readonly returnValue: 2 | 3

  constructor(code: number, why: string, returnValue: 2 | 3 = 3) {
    super(why)
    this.code = code
    this.returnValue = returnValue
  }
}

/** What one run of the installer works with. */
export interface TransactionOptions {
  server: LabServer
  log: VerboseLog
  patch: PackageInfo
  /** Full path of the .msp on the server. */
  packagePath: string
  /** SID of the account that msiexec runs as. */
  sid: string
  payload: readonly PayloadFile[]
  random: SeededRandom
  /** Aborted when the process dies under it: nothing is rolled back. */
  killed: AbortSignal
  /** Aborted when somebody asks the installer to end: it rolls back. */
  asked: AbortSignal
}

/** How finely bulk work shows in the log: one piece in this many server milliseconds. */
const pieceMs = 4000
/** More pieces than this would cost more than they show. */
const mostPieces = 150

/** One transaction of Windows Installer: its log, its pace, and whether somebody wants it to end. */
export class Transaction {
  readonly server: LabServer
  readonly log: VerboseLog
  readonly patch: PackageInfo
  readonly packagePath: string
  readonly sid: string
  readonly payload: readonly PayloadFile[]
  readonly random: SeededRandom
  readonly killed: AbortSignal
  /** Something that is in use is replaced at the next restart: exit code 3010. */
  restartOwed = false
  readonly #asked: AbortSignal
  readonly #either: AbortSignal

  constructor(options: TransactionOptions) {
    this.server = options.server
    this.log = options.log
    this.patch = options.patch
    this.packagePath = options.packagePath
    this.sid = options.sid
    this.payload = options.payload
    this.random = options.random
    this.killed = options.killed
    this.#asked = options.asked
    this.#either = AbortSignal.any([options.killed, options.asked])
  }

  /** The cached copy that Windows Installer works with and that stays after a success. */
  get cachedName(): string {
    return `${this.server.random(`cache ${this.patch.patchCode}`).hex(5).toLowerCase()}.msp`
  }

  /** Throws `InstallEnd` 1602 when somebody asked the installer to end. */
  check(): void {
    this.killed.throwIfAborted()
    if (this.#asked.aborted) throw new InstallEnd(1602, 'somebody asked the installer to end', 2)
  }

  /** Lets server time pass, with the log on the disk. Throws as `check` does. */
  async wait(serverMs: number): Promise<void> {
    this.log.flush()
    this.check()
    try {
      await this.server.clock.sleep(serverMs, this.#either)
    } catch (error) {
      if (!this.#either.aborted) throw error
    }
    this.check()
  }

  /** Does a share of the whole installation's time, while `lines` of the engine come into the log. */
  async spend(share: number, lines: readonly string[]): Promise<void> {
    const wholeMs = this.server.installSeconds * 1000 * share
    if (wholeMs === 0) {
      this.log.engine(...lines)
      // A fleet shares one thread: let the others go on.
      await turn()
      this.check()
      return
    }
    const pieces = Math.max(1, Math.min(mostPieces, Math.ceil(wholeMs / pieceMs)))
    for (let piece = 0; piece < pieces; piece += 1) {
      const from = this.server.clock.now().getTime()
      await this.wait(wholeMs / pieces)
      const part = lines.slice(
        Math.floor((lines.length * piece) / pieces),
        Math.floor((lines.length * (piece + 1)) / pieces),
      )
      this.log.engineOver(part, from, this.server.clock.now().getTime())
    }
    this.log.flush()
  }

  /** An action of the sequence: start and end in the log, with return value 3 (or 2) when it ends the installation. */
  async action(name: string, body: () => Promise<void> | void = () => undefined): Promise<void> {
    this.log.engine(`Doing action: ${name}`)
    this.log.actionStart(name)
    try {
      await body()
    } catch (thrown) {
      const error = thrown instanceof DiskFull ? new InstallEnd(1603, thrown.message) : thrown
      if (error instanceof InstallEnd) this.log.actionEnded(name, error.returnValue)
      throw error
    }
    this.log.actionEnded(name, 1)
  }

  /** An operation that the script carries out inside InstallFinalize. */
  operation(name: string, description: string): void {
    this.log.engine(`Executing op: ActionStart(Name=${name},Description=${description},)`)
    this.log.actionText(name, description)
  }
}
