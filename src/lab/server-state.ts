import type { LabServerState } from './model.js'
import { installedExchange, kbOf, registeredPatches } from './world/installed.js'
import type { LabServer } from './world/lab-server.js'
import {
  installerFolder,
  installerPolicy,
  internetSettings,
  machinePolicy,
  shellPolicy,
  softwarePublishing,
  systemSid,
  userPolicy,
  userShellPolicy,
} from './world/windows-places.js'

/** What a simulated server really holds (product.md, "Lab state"). Looking changes nothing. */
export function serverState(server: LabServer): LabServerState {
  const { registry, account } = server
  // What is in an account's profile is there also while it is not mounted.
  const accounts = [...new Set([systemSid, account.sid, ...server.hives.profiles])]
  const perAccount = (key: (sid: string) => string, value: string): Record<string, number | null> =>
    Object.fromEntries(accounts.map(sid => [sid, registry.number(key(sid), value)]))
  const logging = registry.text(installerPolicy, 'Logging')
  const debug = registry.number(installerPolicy, 'Debug')
  return {
    digest: server.digest(),
    writes: server.changes.writes,
    installsStarted: server.installsStarted,
    build: installedExchange(server)?.build ?? '',
    patches: registeredPatches(server).map(({ code, displayName }) => kbOf(displayName) ?? code),
    crl: perAccount(softwarePublishing, 'State'),
    serverCertificateRevocation: perAccount(internetSettings, 'CertificateRevocation'),
    executionPolicy: {
      MachinePolicy: registry.text(machinePolicy, 'ExecutionPolicy'),
      UserPolicy: registry.text(userPolicy(account.sid), 'ExecutionPolicy'),
      CurrentUser: registry.text(userShellPolicy(account.sid), 'ExecutionPolicy'),
      LocalMachine: registry.text(shellPolicy, 'ExecutionPolicy'),
    },
    installerLogging: logging === null && debug === null ? null : { logging, debug },
    services: server.services.all.map(({ name, startType, state }) => ({ name, startType, state })),
    cacheFiles: server.files
      .list(installerFolder)
      .filter(({ folder }) => !folder)
      .map(({ name }) => name)
      .sort(),
    tasks: server.tasks.names,
  }
}
