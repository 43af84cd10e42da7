import type { JobAccountFact, ServiceFact } from '../../../scripts/catalog.js'
import { findAccount } from '../../world/accounts.js'
import { installedExchange, isInterim, kbOf, registeredPatches } from '../../world/installed.js'
import type { LabServer } from '../../world/lab-server.js'
import { credentialPolicy, installPath, setupKey } from '../../world/windows-places.js'
import { isReadable } from '../account-registry.js'
import type { ScriptAnswer } from '../script-call.js'
import { settingsFact } from '../settings.js'

/** Major version of Exchange's products (exchange.md 2.6). */
const generations: Record<number, string> = { 8: '2007', 14: '2010' }

export const getServerFact: ScriptAnswer<'Get-ServerFact'> = ({ server, args }) => {
  const { account, clock, cluster } = server
  const jobAccount = jobAccountFact(server, args.JobAccount)
  const accounts = [jobAccount?.sid, ...args.Accounts, account.sid].filter(sid => typeof sid === 'string')
  return {
    computerName: server.computerName,
    // Windows Server 2008 SP2, whose own PowerShell is 1.0, with WMF 2.0 (KB968930).
    osVersion: '6.0.6002',
    powershellVersion: server.powershellVersion,
    now: clock.now().toISOString(),
    uptimeMs: server.uptimeMs,
    bootId: server.bootId,
    logon: { user: 'EXLAB\\exadmin', sid: account.sid, elevated: account.elevated },
    jobAccount,
    exchange: exchangeOf(server),
    updates: registeredPatches(server).map(({ code, displayName }) => ({
      patchCode: code,
      displayName,
      kb: kbOf(displayName),
      interim: isInterim(displayName),
    })),
    settings: settingsFact(server, [...new Set(accounts)]),
    services: serviceFacts(server),
    cluster:
      cluster === undefined
        ? null
        : {
            type: cluster.type,
            name: cluster.name,
            nodes: [...cluster.nodes],
            activeNode: cluster.activeNode,
            isActive: cluster.activeNode.toUpperCase() === server.computerName,
            healthy: cluster.healthy,
          },
  }
}

function jobAccountFact(server: LabServer, name: string): JobAccountFact | null {
  if (name === '') return null
  const account = findAccount(server.accounts, name)
  return {
    name,
    sid: account?.sid ?? null,
    administrator: account?.administrator ?? null,
    mounted: account !== undefined && isReadable(server, account.sid),
    storesPasswords: (server.registry.number(credentialPolicy, 'DisableDomainCreds') ?? 0) === 0,
  }
}

/** Every service as the service manager lists it. */
export function serviceFacts({ services }: LabServer): ServiceFact[] {
  return services.all.map(({ name, displayName, startType, state, dependsOn }) => ({
    name,
    displayName,
    startType,
    state,
    dependsOn: [...dependsOn],
  }))
}

function exchangeOf(server: LabServer) {
  const exchange = installedExchange(server)
  if (exchange === null) return null
  const major = server.registry.number(setupKey, 'MsiProductMajor') ?? 0
  return {
    generation: generations[major] ?? String(major),
    installPath: server.registry.text(setupKey, 'MsiInstallPath') ?? `${installPath}\\`,
    build: exchange.build,
    architecture: exchange.architecture,
    productCode: exchange.productCode,
    roles: [...server.roles],
  }
}
