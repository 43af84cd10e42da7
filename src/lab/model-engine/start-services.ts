import type { ScriptProgress, ServiceSummary } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { addEvent } from './journal.js'
import type { RestoreBy } from './restore.js'
import type { Snapshot } from './snapshot.js'
import { serviceSummary } from './snapshot-services.js'

export interface StartOptions {
  run: string
  by: RestoreBy

  timeoutSeconds: number
  /** Again and again until all run or the time is over, not just one pass. */
  again: boolean
  signal: AbortSignal
  report?: (progress: ScriptProgress) => void
}

export interface StartResult {
  services: ServiceSummary
  started: string[]
  errors: { name: string; message: string }[]
}

const pauseMs = 5000

/**
 * Starts what ran before, in the order services need each other (ps-scripts/shared/Service.ps1). What failed is tried again: managed
 * services may time out at their first start after a rollup (KB944752).
 */
export async function startRecordedServices(
  server: LabServer,
  snapshot: Snapshot,
  { run, by, timeoutSeconds, again, signal, report = () => undefined }: StartOptions,
): Promise<StartResult> {
  const deadline = server.uptimeMs + 1000 * timeoutSeconds
  const started = new Set<string>()
  const errors = new Map<string, string>()
  for (let pass = 1; ; pass += 1) {
    const { down } = serviceSummary(server, snapshot)
    if (down.length === 0 || (pass > 1 && (!again || server.uptimeMs >= deadline))) break
    if (pass > 1) await server.clock.sleep(pauseMs, signal)
    for (const name of startOrder(snapshot, down)) {
      const problem = await startOne(server, name, deadline, signal)
      if (problem === '') started.add(name)
      else {
        errors.set(name, problem)
        report({ note: `${name} did not start: ${problem}` })
      }
      report({ services: serviceSummary(server, snapshot) })
    }
  }
  const services = serviceSummary(server, snapshot)
  if (started.size > 0) {
    const text = `services started by the ${by}: ${[...started].join(', ')}`
    addEvent(server, run, { id: 15, level: 'Information', text })
  }
  return {
    services,
    started: [...started],
    errors: services.down.map(name => ({ name, message: errors.get(name) ?? 'it stopped again' })),
  }
}

/** Names in the order to start them: what a service needs comes before it, and only what was asked for is started. */
export function startOrder({ services }: Snapshot, names: readonly string[]): string[] {
  const byName = new Map(services.map(service => [service.name.toLowerCase(), service]))
  const wanted = new Set(names.map(name => name.toLowerCase()))
  const seen = new Set<string>()
  const order: string[] = []
  const visit = (name: string): void => {
    const key = name.toLowerCase()
    const service = byName.get(key)
    if (service === undefined || seen.has(key)) return
    seen.add(key)
    for (const needed of service.dependsOn) visit(needed)
    if (wanted.has(key)) order.push(service.name)
  }
  for (const name of names) visit(name)
  return order
}

/** Starts one service and waits for it. Returns '' or what went wrong. */
async function startOne(server: LabServer, name: string, deadline: number, signal: AbortSignal): Promise<string> {
  const stateNow = () => server.services.find(name)?.state ?? 'Stopped'
  try {
    // The service manager carries a start through, whatever becomes of who asked for it.
    if (stateNow() === 'Stopped') await server.services.start(name)
    signal.throwIfAborted()
    while (stateNow() !== 'Running') {
      if (stateNow() === 'Stopped') return 'it stopped again'
      if (server.uptimeMs >= deadline) return `still ${stateNow()}`
      await server.clock.sleep(500, signal)
    }
    return ''
  } catch (error) {
    signal.throwIfAborted()
    return error instanceof Error ? error.message : String(error)
  }
}
