import { registerAccountTask, startAccountTask, type TaskRefusal } from '../world/account-tasks.js'
import { findAccount, type LabAccount } from '../world/accounts.js'
import type { LabServer } from '../world/lab-server.js'
import { fromField, runFile, stateText, toField } from './run-files.js'
import { ScriptProblem } from './script-problem.js'

/** faults.md, "Tasks": what the scheduler and Windows refuse with, as ps-scripts/shared/JobAccount.ps1 tells it. */
const win32Base = 0x80070000
const logonRefusals = new Set([1327, 1328, 1329, 1330, 1331, 1793, 1907, 1909])
/** Exit codes of the task that looks at its own token. */
const fullToken = 71
const noFullToken = 70
const trialSeconds = 300
const lookMs = 200
/** No answer yet: exit codes of others, and what the scheduler says of a task that runs, has not run, is queued. */
const noAnswerYet = new Set([0, 1, 0x41301, 0x41303, 0x41325])

export function accountTask(run: string): string {
  return `exroll-account-${run}`
}

/** The account that a job shall run as. Throws `ScriptProblem` JOB_ACCOUNT_UNSUPPORTED, JOB_ACCOUNT_UNKNOWN. */
export function jobAccount({ accounts }: LabServer, name: string): LabAccount {
  if (name.endsWith('$')) {
    // Windows Server 2008, as all servers of the lab.
    throw new ScriptProblem(
      'JOB_ACCOUNT_UNSUPPORTED',
      `group managed service accounts like ${name} need Windows Server 2012 or newer`,
      'install.run_as: system, or an account with a password.',
    )
  }
  const account = findAccount(accounts, name)
  if (account === undefined) throw unknownAccount(name)
  return account
}

/** Tries the account once in this run: the same question has the same answer. Throws `ScriptProblem` JOB_ACCOUNT_*. */
export async function tryAccount(
  server: LabServer,
  { run, name, password, signal }: { run: string; name: string; password: string; signal: AbortSignal },
): Promise<LabAccount> {
  const account = jobAccount(server, name)
  const file = runFile(run, 'account.trial')
  let known = stateText(server, file)
  if (known === null) {
    const { result, text } = await runTrial(server, { run, account, name, password, signal })
    known = `${account.sid} ${result} ${toField(text)}`
    server.files.write(file, known)
  }
  const [sid, result, text = 's:'] = known.split(' ')
  if (sid !== account.sid) {
    throw new ScriptProblem(
      'JOB_ACCOUNT_CHANGED',
      `run ${run} tried another account on this server before`,
      'Start a new run.',
    )
  }
  if (Number(result) === noFullToken) {
    throw new ScriptProblem(
      'JOB_ACCOUNT_RIGHTS',
      `${name} is not in the Administrators group of this server`,
      'Put it there, directly or through a group of the domain, then run again.',
    )
  }
  if (Number(result) !== fullToken)
    throw refusedAccount(name, { result: Number(result), text: String(fromField(text)) })
  return account
}

async function runTrial(
  server: LabServer,
  {
    run,
    account,
    name,
    password,
    signal,
  }: {
    run: string
    account: LabAccount
    name: string
    password: string
    signal: AbortSignal
  },
): Promise<TaskRefusal> {
  const task = accountTask(run)
  const refusal = registerAccountTask(server, {
    ...{ name: task, command: 'powershell.exe', account: name, password },
    run: async () => (account.administrator ? fullToken : noFullToken),
  })
  if (refusal.result !== 0) return refusal
  try {
    startAccountTask(server, task)
    const giveUpAt = server.uptimeMs + trialSeconds * 1000
    for (;;) {
      const result = server.tasks.lastResult(task) ?? 1
      if (!noAnswerYet.has(result) || server.uptimeMs >= giveUpAt) return { result, text: 'its task did not run' }
      await server.clock.sleep(lookMs, signal)
    }
  } finally {
    server.tasks.unregister(task)
  }
}

/** Why the job's task ended before the job began, where it says so. Throws `ScriptProblem`. */
export function checkStarted(server: LabServer, task: string, name: string): void {
  const result = server.tasks.lastResult(task)
  if (result === undefined || noAnswerYet.has(result)) return
  server.tasks.unregister(task)
  throw refusedAccount(name, { result, text: 'the task ended before the job began' })
}

/** The reason that the scheduler gave, as an error with a code of its own. */
export function refusedAccount(name: string, { result, text }: TaskRefusal): ScriptProblem {
  const code = ` (0x${result.toString(16)})`
  switch (result - win32Base) {
    case 1385:
      return new ScriptProblem(
        'JOB_ACCOUNT_BATCH',
        `${name} may not log on as a batch job on this server${code}`,
        'Give it "Log on as a batch job" (SeBatchLogonRight), and take it out of "Deny log on as a batch job": Local Security Policy or Group Policy, User Rights Assignment.',
      )
    case 1332:
      return unknownAccount(name)
    case 1312:
      return new ScriptProblem(
        'JOB_ACCOUNT_POLICY',
        `this server stores no passwords, so it runs no tasks of ${name}${code}`,
        'Turn off the policy "Network access: Do not allow storage of passwords and credentials for network authentication", or use install.run_as: system.',
      )
    case 1326:
      return new ScriptProblem(
        'JOB_ACCOUNT_REFUSED',
        `the user name or password of ${name} is wrong${code}; it was tried once`,
        'Correct where the inventory takes the password from, then run again. Many tries lock an account.',
      )
  }
  if (logonRefusals.has(result - win32Base)) {
    return new ScriptProblem(
      'JOB_ACCOUNT_REFUSED',
      `Windows does not let ${name} log on${code}: ${text}`,
      'Look at the account in Active Directory: locked, expired, disabled, or limited to other computers or hours.',
    )
  }
  return new ScriptProblem(
    'JOB_ACCOUNT_FAILED',
    `no task of ${name} can be run${code}: ${text}`,
    'Look at the history of the Task Scheduler on the server; install.run_as: system needs no account.',
  )
}

function unknownAccount(name: string): ScriptProblem {
  return new ScriptProblem(
    'JOB_ACCOUNT_UNKNOWN',
    `${name} means nobody on this server`,
    'Write the user name of that credential as DOMAIN\\user, or as .\\user for an account of the server itself.',
  )
}
