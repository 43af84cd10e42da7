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
  /** Why Windows does not let it start now, as an HRESULT without a sign; undefined when it does. */
  refusal?: () => number | undefined
}

/** SCHED_S_TASK_RUNNING, SCHED_S_TASK_HAS_NOT_RUN, SCHED_S_TASK_TERMINATED (winerror.h). */
const states = { running: 0x41301, hasNotRun: 0x41303, terminated: 0x41306 } as const

interface Registered {
  task: ScheduledTask
  running?: LabProcess
  timer: AbortController
  /** What its last start came to. */
  lastResult: number
}

/** What schtasks.exe says while the service does not run. */
export class SchedulerStopped extends Error {
  override readonly name = 'SchedulerStopped'

  constructor() {
    super('ERROR: The Task Scheduler service is not running.')
  }
}

/** The task scheduler: tasks run detached from every session, as SYSTEM where nothing else is said. */
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
    const registered: Registered = { task, timer: new AbortController(), lastResult: states.hasNotRun }
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

  /** Starts a task now. Undefined when there is none of that name, or Windows lets it not start; the running process when it runs already. */
  start(name: string): LabProcess | undefined {
    const registered = this.#tasks.get(name.toLowerCase())
    if (registered === undefined) return undefined
    if (this.#stopped) throw new SchedulerStopped()
    if (registered.running !== undefined) return registered.running
    const refusal = registered.task.refusal?.()
    if (refusal !== undefined) {
      registered.lastResult = refusal
      return undefined
    }
    const process = this.#processes.start(registered.task.command, (signal, self) => registered.task.run(signal, self))
    registered.running = process
    registered.lastResult = states.running
    const gone = (code: number | null): void => {
      delete registered.running
      registered.lastResult = code ?? states.terminated
    }
    process.ended.then(gone, () => gone(null))
    return process
  }

  /** What the last start of a task came to: its exit code, or a status of the scheduler's. Undefined when there is no such task. */
  lastResult(name: string): number | undefined {
    return this.#tasks.get(name.toLowerCase())?.lastResult
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
