import { findAccount } from './accounts.js'
import type { LabServer } from './lab-server.js'
import type { ScheduledTask } from './task-scheduler.js'
import { credentialPolicy } from './windows-places.js'

/** Win32 errors as HRESULTs without a sign (winerror.h). */
export const hresults = {
  ok: 0,
  logonFailure: 0x8007052e,
  /** ERROR_NO_SUCH_LOGON_SESSION: what the scheduler says where no password may be stored. */
  nothingStored: 0x80070520,
  logonTypeNotGranted: 0x80070569,
  noneMapped: 0x80070534,
  fileNotFound: 0x80070002,
} as const

/** What the scheduler answers: `result` is 0, or why not. */
export interface TaskRefusal {
  result: number
  text: string
}

const fine: TaskRefusal = { result: hresults.ok, text: '' }

/** `RegisterTaskDefinition` with a password: it is tried once, now. What the task does runs as the account, with its registry mounted. */
export function registerAccountTask(
  server: LabServer,
  { account: name, password, ...task }: ScheduledTask & { account: string; password: string },
): TaskRefusal {
  const account = findAccount(server.accounts, name)
  if (account === undefined) {
    return { result: hresults.noneMapped, text: 'No mapping between account names and security IDs was done.' }
  }
  if ((server.registry.number(credentialPolicy, 'DisableDomainCreds') ?? 0) !== 0) {
    return {
      result: hresults.nothingStored,
      text: 'A specified logon session does not exist. It may already have been terminated.',
    }
  }
  server.logonsTried.push(account.name)
  if (password !== account.password) {
    return { result: hresults.logonFailure, text: 'The user name or password is incorrect.' }
  }
  server.tasks.register({
    ...task,
    refusal: () => (account.batchLogon ? undefined : hresults.logonTypeNotGranted),
    async run(signal, process) {
      const logOff = server.hives.logOn(account)
      try {
        return await task.run(signal, process)
      } finally {
        logOff()
      }
    },
  })
  return fine
}

/** `IRegisteredTask::Run`: it is asked for; whether it starts is in its last result. */
export function startAccountTask(server: LabServer, name: string): TaskRefusal {
  if (!server.tasks.has(name)) {
    return { result: hresults.fileNotFound, text: 'The system cannot find the file specified.' }
  }
  server.tasks.start(name)
  return fine
}
