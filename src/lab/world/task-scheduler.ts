import type { ChangeCounter } from './change-counter.js'
import type { LabClock } from './clock.js'
import type { LabProcess, ProcessTable } from './process-table.js'

export interface ScheduledTask {
  name: string
  /** Process name while it runs. */
  command: string
  run(signal: AbortSignal, process: LabProcess): Promise<number>
  /** Server milliseconds between two starts; absent: only when it is started. A start while it runs is ignored. */
  everyMs?: number
  atBoot?: boolean
}

interface Registered {
  task: ScheduledTask
  running?: LabProcess
  timer: AbortController
}

/** What schtasks.exe says while the service does not run. */
export class SchedulerStopped extends Error {
  override readonly name = 'SchedulerStopped'

  constructor() {
    super('ERROR: The Task Scheduler service is not running.')
  }
}

/** The task scheduler: tasks run as SYSTEM, detached from every session. */
export class TaskScheduler {
  readonly #clock: LabClock
  readonly #processes: ProcessTable
  readonly #changes: ChangeCounter
  readonly #tasks = new Map<string, Registered>()
  #stopped = false
  #down = false

  constructor({ clock, processes, changes }: { clock: LabClock; processes: ProcessTable; changes: ChangeCounter }) {
    this.#clock = clock
    this.#processes = processes
    this.#changes = changes
  }

  get names(): string[] {
    return [...this.#tasks.values()].map(({ task }) => task.name).sort()
  }

  has(name: string): boolean {
    return this.#tasks.has(name.toLowerCase())
  }

  /** The service is stopped: what runs runs on, nothing starts, and who asks it is refused. */
  stop(): void {
    this.#stopped = true
  }

  resume(): void {
    this.#stopped = false
  }

  /** A task of that name is replaced. Throws `SchedulerStopped`. */
  register(task: ScheduledTask): void {
    if (this.#stopped) throw new SchedulerStopped()
    this.#tasks.get(task.name.toLowerCase())?.timer.abort()
    const registered: Registered = { task, timer: new AbortController() }
    this.#tasks.set(task.name.toLowerCase(), registered)
    this.#changes.note()
    this.#repeat(registered)
  }

  /** The task is gone; what it started runs on. */
  unregister(name: string): boolean {
    const registered = this.#tasks.get(name.toLowerCase())
    if (registered === undefined) return false
    if (this.#stopped) throw new SchedulerStopped()
    registered.timer.abort()
    this.#tasks.delete(name.toLowerCase())
    this.#changes.note()
    return true
  }

  /** Starts a task now. Undefined when there is none of that name; the running process when it runs already. */
  start(name: string): LabProcess | undefined {
    const registered = this.#tasks.get(name.toLowerCase())
    if (registered === undefined) return undefined
    if (this.#stopped) throw new SchedulerStopped()
    if (registered.running !== undefined) return registered.running
    const process = this.#processes.start(registered.task.command, (signal, self) => registered.task.run(signal, self))
    registered.running = process
    const gone = (): void => {
      delete registered.running
    }
    process.ended.then(gone, gone)
    return process
  }

  /** The power went: until the next boot nothing starts, whatever the hour. */
  powerOff(): void {
    this.#down = true
  }

  /** The server has started: tasks with that trigger run. */
  boot(): void {
    this.#down = false
    this.#stopped = false
    for (const { task } of this.#tasks.values()) if (task.atBoot === true) this.start(task.name)
  }

  /** The lab ends. */
  close(): void {
    for (const { timer } of this.#tasks.values()) timer.abort()
  }

  #repeat(registered: Registered): void {
    const { task, timer } = registered
    const every = task.everyMs
    if (every === undefined) return
    const tick = async (): Promise<void> => {
      for (;;) {
        await this.#clock.sleep(every, timer.signal)
        if (!this.#stopped && !this.#down) this.start(task.name)
      }
    }
    tick().catch(() => undefined)
  }
}
