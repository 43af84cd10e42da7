import { disabledByInstaller } from '../../products/services.js'
import type { LabServer } from '../world/lab-server.js'
import { ServiceError } from '../world/services.js'
import { setupLogs } from '../world/windows-places.js'
import {
  removeServiceState,
  savedRunning,
  savedStartTypes,
  saveServiceState,
  startupModeFile,
  stateFile,
} from './service-state-file.js'
import { addToSetupLog, dateText } from './setup-log.js'

export const serviceControlLog = `${setupLogs}\\ServiceControl.log`

/** The roles' names inside Exchange's scripts (exchange.md 2.4). */
const roleNames: Record<string, string> = {
  mailbox: 'Mailbox',
  cas: 'ClientAccess',
  hub: 'Bridgehead',
  edge: 'Gateway',
  um: 'UnifiedMessaging',
}

/**
 * ServiceControl.ps1 BeforePatch (exchange.md 0 fact 1, 2.4): saves states and start modes over whatever was saved before, stops the
 * services in reverse alphabetical order, then disables them. Returns the script's exit code; the first failure ends it.
 */
export async function beforePatch(server: LabServer, signal: AbortSignal): Promise<number> {
  const say = banner(server, 'BeforePatch')
  const touched = touchedServices(server)
  for (const file of [stateFile, startupModeFile]) {
    if (server.files.exists(file)) say(`State file ${file} already exists. Overwrite is specified.`)
  }
  saveServiceState(server, [...touched, 'ClusSvc'])
  say(`Saved the state of ${touched.length} services to ${stateFile} and ${startupModeFile}`)
  for (const name of [...stopOrder(touched), ...clusterService(server)]) {
    if (server.services.find(name)?.state !== 'Running') continue
    say(`Stopping service '${name}'.`)
    try {
      await server.services.stopWithDependents(name, signal)
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      say(`[Error] Unable to stop all services for '${roleName(server)}'. ${error.message}`)
      return complete(say, 1)
    }
  }
  for (const name of touched) {
    say(`Disabling service '${name}'.`)
    server.services.configure(name, 'Disabled')
  }
  return complete(say, 0)
}

/**
 * ServiceControl.ps1 AfterPatch: start types from the saved file, a service that it does not name stays as it is; starts what ran;
 * takes the files away. Without them there is nothing to go by, and start types stay (exchange.md 2.4).
 */
export async function afterPatch(server: LabServer, signal: AbortSignal): Promise<number> {
  const say = banner(server, 'AfterPatch')
  for (const [name, startType] of savedStartTypes(server) ?? []) {
    say(`Enabling service '${name}' (${startType}).`)
    if (server.services.find(name) !== undefined) server.services.configure(name, startType)
  }
  for (const name of savedRunning(server) ?? touchedServices(server)) {
    if (server.services.find(name)?.state !== 'Stopped') continue
    say(`Starting service '${name}'.`)
    try {
      await server.services.start(name, signal)
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      // A service that does not come up now may come up by itself later: the patch stays.
      say(`Service '${name}' did not start. ${error.message}`)
    }
  }
  removeServiceState(server)
  return complete(say, 0)
}

/** What the script stops and disables on this server, of what is installed. */
function touchedServices({ roles, services }: LabServer): string[] {
  return disabledByInstaller('2007', roles)
    .flatMap(name => services.find(name)?.name ?? [])
    .sort()
}

/** TechNet bb885043: on a cluster node the Cluster service is stopped and started again; its start type stays. */
function clusterService({ services }: LabServer): string[] {
  return services.find('ClusSvc') === undefined ? [] : ['ClusSvc']
}

function stopOrder(names: readonly string[]): string[] {
  return [...names].reverse()
}

function roleName({ roles }: LabServer): string {
  return roleNames[roles[0] ?? ''] ?? 'Common'
}

function banner(server: LabServer, operation: string): (text: string) => void {
  const say = (text: string): void => addToSetupLog(server, serviceControlLog, text)
  say('--------------------')
  say(`* ServiceControl.ps1: ${dateText(server.clock.now())}`)
  say(`Performing service control with options: ${operation}`)
  return say
}

function complete(say: (text: string) => void, exitCode: number): number {
  // "succesfully" is how the script spells it.
  say(exitCode === 0 ? 'Script completed succesfully.' : 'Script completed with one or more errors.')
  return exitCode
}
