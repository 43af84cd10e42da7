import type { LabServer } from './lab-server.js'

/** What nltest says on a simulated server about its account in the domain exlab.example. */
export function directoryReach({ domainController }: Pick<LabServer, 'domainController'>): {
  reachable: boolean
  detail: string
} {
  if (domainController === undefined) {
    const output = 'Getting DC name failed: Status = 1355 0x54b ERROR_NO_SUCH_DOMAIN'
    return { reachable: false, detail: `no domain controller: ${output}` }
  }
  return { reachable: true, detail: 'the account of this machine is logged on to exlab.example' }
}
