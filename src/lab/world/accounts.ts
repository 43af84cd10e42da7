/** An account that can log on to the lab's servers. */
export interface LabAccount {
  /** Without its domain. */
  name: string
  sid: string
  password: string
  /** Is in the local Administrators group. */
  administrator: boolean
  /** Has the right to log on as a batch job. */
  batchLogon: boolean
}

/** The domain of the lab's servers. */
export const labDomain = 'EXLAB'

/** The logon of exroll's account, and an account that installs may run as. */
export const logonName = 'exadmin'
export const jobName = 'exjob'

/** The account that a name means, as Windows takes it: `exadmin`, `EXLAB\exadmin`, `exadmin@exlab`, without regard to case. */
export function findAccount(accounts: readonly LabAccount[], name: string): LabAccount | undefined {
  const asked = name.toLowerCase()
  return accounts.find(account =>
    [account.name, `${labDomain}\\${account.name}`, `${account.name}@${labDomain}`].some(
      known => known.toLowerCase() === asked,
    ),
  )
}
