import { isManaged } from '../../inventory/per-server.js'
import type { Block, Check } from './block.js'

/** architecture.md, "Job"; faults.md, "Tasks": Windows 2003 would take the password on a command line, and managed accounts came with 2012. */
export const jobAccountUnsupported: Check = ({ fact }) => {
  const { jobAccount, osVersion } = fact
  if (jobAccount === null) return []
  const [major = 0, minor = 0] = osVersion.split('.').map(Number)
  const blocked = (message: string): Block[] => [
    {
      block: 'job-account-unsupported',
      message,
      remedy: 'Run this server with install.run_as: system (--limit, --set install.run_as=system).',
    },
  ]
  if (major < 6) {
    return blocked(
      `Windows ${osVersion} runs tasks as SYSTEM only: for ${jobAccount.name} its password would have to stand on a command line`,
    )
  }
  if (isManaged({ username: jobAccount.name }) && major === 6 && minor < 2) {
    return blocked(
      `${jobAccount.name} is a group managed service account, which Windows Server 2012 and newer have; this is ${osVersion}`,
    )
  }
  return []
}

export const jobAccountUnknown: Check = ({ fact: { jobAccount, computerName } }) =>
  jobAccount === null || jobAccount.sid !== null
    ? []
    : [
        {
          block: 'job-account-unknown',
          message: `${jobAccount.name} means nobody on ${computerName}`,
          remedy:
            'Write the user name of that credential as DOMAIN\\user, or as .\\user for an account of the server itself, and see that the server reaches a domain controller.',
        },
      ]

/** Security option "Network access: Do not allow storage of passwords and credentials for network authentication": 0x80070520. */
export const jobAccountPolicy: Check = ({ fact: { jobAccount } }) =>
  jobAccount === null || jobAccount.storesPasswords || isManaged({ username: jobAccount.name })
    ? []
    : [
        {
          block: 'job-account-policy',
          message: `this server may not store passwords (DisableDomainCreds is 1), so the scheduler takes no task of ${jobAccount.name}`,
          remedy:
            'Turn off the policy "Network access: Do not allow storage of passwords and credentials for network authentication" for this server, or use install.run_as: system.',
        },
      ]

/** Where a domain controller could say so; else the account's first task does (JOB_ACCOUNT_RIGHTS). */
export const jobAccountRights: Check = ({ fact: { jobAccount } }) =>
  jobAccount?.administrator === false
    ? [
        {
          block: 'job-account-rights',
          message: `${jobAccount.name} is not in the Administrators group of this server`,
          remedy: 'Put it there, directly or through a group of the domain, then run again.',
        },
      ]
    : []
