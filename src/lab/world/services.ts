import type { ServiceStateName, StartType } from '../../scripts/catalog.js'
import type { ChangeCounter } from './change-counter.js'
import type { LabClock } from './clock.js'
import type { EventLog } from './event-log.js'

export interface LabService {
  name: string
  displayName: string
  startType: StartType
  state: ServiceStateName
  dependsOn: string[]
}

/** A service manager's refusal, with Windows' own number. */
export class ServiceError extends Error {
  readonly code: number

  constructor(code: number, service: string) {
    super(`${service}: ${messages[code] ?? 'the service did not do it'} (${code})`)
    this.name = 'ServiceError'
    this.code = code
  }
}

export const serviceErrors = {
  dependentsRunning: 1051,
  timeout: 1053,
  alreadyRunning: 1056,
  disabled: 1058,
  unknown: 1060,
  cannotAccept: 1061,
  notActive: 1062,
  dependencyFailed: 1068,
} as const

const messages: Record<number, string> = {
  1051: 'A stop control has been sent to a service that other running services are dependent on.',
  1053: 'The service did not respond to the start or control request in a timely fashion.',
  1056: 'An instance of the service is already running.',
  1058: 'The service cannot be started, either because it is disabled or because it has no enabled devices associated with it.',
  1060: 'The specified service does not exist as an installed service.',
  1061: 'The service cannot accept control messages at this time.',
  1062: 'The service has not been started.',
  1068: 'The dependency service or group failed to start.',
}

/** ServicesPipeTimeout: what the service manager waits for a starting service (KB944752; event 7009 "30000 milliseconds"). */
const pipeTimeoutMs = 30_000
const startedAtBoot: ReadonlySet<StartType> = new Set(['Automatic', 'AutomaticDelayed', 'Boot', 'System'])
const startMs = 1500
const stopMs = 1200

export interface WindowsServicesOptions {
  clock: LabClock
  changes: ChangeCounter
  events: EventLog
  /** Services start and stop in no time. */
  instant: boolean
}

/** The service control manager of one server. */
export class WindowsServices {
  readonly #clock: LabClock
  readonly #changes: ChangeCounter
  readonly #events: EventLog
  readonly #instant: boolean
  readonly #services = new Map<string, LabService>()
  /**
   * Services whose program is signed anew and whose signature has not been checked yet: the first start outlasts the pipe
   * timeout where the revocation list comes slowly (KB944752).
   */
  readonly #unchecked = new Set<string>()
  /** Services that are busy and take no stop control. */
  readonly #unstoppable = new Set<string>()

  constructor({ clock, changes, events, instant }: WindowsServicesOptions) {
    this.#clock = clock
    this.#changes = changes
    this.#events = events
    this.#instant = instant
  }

  add(service: LabService): void {
    this.#services.set(service.name.toLowerCase(), service)
  }

  get all(): readonly LabService[] {
    return [...this.#services.values()]
  }

  find(name: string): LabService | undefined {
    return this.#services.get(name.toLowerCase())
  }

  /** Changes the start type, as ChangeServiceConfig does. Throws `ServiceError` 1060. */
  configure(name: string, startType: StartType): void {
    const service = this.#need(name)
    if (service.startType === startType) return
    service.startType = startType
    this.#changes.note()
  }

  /** The next start of this service checks its new signature first, and that takes longer than the pipe timeout. */
  leaveUnchecked(name: string): void {
    this.#unchecked.add(name.toLowerCase())
  }

  /** From now on this service takes no stop control. */
  refuseStop(name: string): void {
    this.#unstoppable.add(name.toLowerCase())
  }

  /** Starts a service and what it depends on. Throws `ServiceError`; a failed start leaves events 7009 and 7000. */
  async start(name: string, signal?: AbortSignal): Promise<void> {
    const service = this.#need(name)
    if (service.state === 'Running') throw new ServiceError(serviceErrors.alreadyRunning, service.name)
    if (service.startType === 'Disabled') throw new ServiceError(serviceErrors.disabled, service.name)
    for (const needed of service.dependsOn) {
      const dependency = this.find(needed)
      if (dependency === undefined || dependency.state === 'Running') continue
      await this.start(needed, signal).catch((error: unknown) => {
        if (!(error instanceof ServiceError)) throw error
        if (error.code !== serviceErrors.alreadyRunning) {
          throw new ServiceError(serviceErrors.dependencyFailed, service.name)
        }
      })
    }
    if (this.#unchecked.delete(service.name.toLowerCase())) {
      service.state = 'StartPending'
      await this.#clock.sleep(pipeTimeoutMs, signal)
      service.state = 'Stopped'
      this.#failToStart(service)
      throw new ServiceError(serviceErrors.timeout, service.name)
    }
    service.state = 'StartPending'
    if (!this.#instant) await this.#clock.sleep(startMs, signal)
    service.state = 'Running'
    this.#changes.note()
  }

  /** Stops a service. Throws `ServiceError`: 1051 while a dependent runs, 1061 when it takes no control, 1062 when it does not run. */
  async stop(name: string, signal?: AbortSignal): Promise<void> {
    const service = this.#need(name)
    if (service.state !== 'Running') throw new ServiceError(serviceErrors.notActive, service.name)
    const needsIt = this.dependentsOf(name).some(dependent => dependent.state === 'Running')
    if (needsIt) throw new ServiceError(serviceErrors.dependentsRunning, service.name)
    if (this.#unstoppable.has(name.toLowerCase())) throw new ServiceError(serviceErrors.cannotAccept, service.name)
    service.state = 'StopPending'
    if (!this.#instant) await this.#clock.sleep(stopMs, signal)
    service.state = 'Stopped'
    this.#changes.note()
  }

  /** Stops a service after everything that depends on it. Nothing happens when it does not run. */
  async stopWithDependents(name: string, signal?: AbortSignal): Promise<void> {
    for (const dependent of this.dependentsOf(name)) {
      if (dependent.state === 'Running') await this.stopWithDependents(dependent.name, signal)
    }
    if (this.#need(name).state === 'Running') await this.stop(name, signal)
  }

  dependentsOf(name: string): LabService[] {
    const wanted = name.toLowerCase()
    return this.all.filter(service => service.dependsOn.some(needed => needed.toLowerCase() === wanted))
  }

  /** The power went: nothing runs. */
  powerOff(): void {
    for (const service of this.#services.values()) service.state = 'Stopped'
  }

  /**
   * What a boot starts: what is to start by itself, and what that needs, also where it is Manual (Windows' service manager, "Automatically
   * Starting Services"). A signature that was not checked yet fails here, as it would by hand.
   */
  boot(): void {
    const tried = new Set<LabService>()
    for (const service of this.#services.values()) {
      if (startedAtBoot.has(service.startType)) this.#bootOne(service, tried)
    }
    this.#changes.note()
  }

  #bootOne(service: LabService, tried: Set<LabService>): void {
    if (tried.has(service) || service.startType === 'Disabled') return
    tried.add(service)
    const needed = service.dependsOn.flatMap(name => this.find(name) ?? [])
    for (const one of needed) this.#bootOne(one, tried)
    if (needed.some(({ state }) => state !== 'Running')) return
    if (this.#unchecked.delete(service.name.toLowerCase())) this.#failToStart(service)
    else service.state = 'Running'
  }

  lines(): string[] {
    return this.all.map(({ name, startType, state }) => `${name} ${startType} ${state}`).sort()
  }

  #need(name: string): LabService {
    const service = this.find(name)
    if (service === undefined) throw new ServiceError(serviceErrors.unknown, name)
    return service
  }

  #failToStart(service: LabService): void {
    this.#events.write({
      log: 'System',
      source: 'Service Control Manager',
      id: 7009,
      level: 'Error',
      text: `Timeout (${pipeTimeoutMs} milliseconds) waiting for the ${service.displayName} service to connect.`,
    })
    this.#events.write({
      log: 'System',
      source: 'Service Control Manager',
      id: 7000,
      level: 'Error',
      text: `The ${service.displayName} service failed to start due to the following error: The service did not respond to the start or control request in a timely fashion.`,
    })
  }
}
