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
  const output = [
    'Flags: 30 HAS_IP  HAS_TIMESERV ',
    `Trusted DC Name \\\\${domainController} `,
    'Trusted DC Connection Status Status = 0 0x0 NERR_Success',
    'The command completed successfully',
  ].join(' ')
  return { reachable: true, detail: `secure channel to exlab.example: ${output}` }
}
