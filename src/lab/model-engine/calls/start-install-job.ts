import type { ScriptArguments } from '../../../scripts/catalog.js'
import { registerAccountTask, startAccountTask } from '../../world/account-tasks.js'
import type { LabServer } from '../../world/lab-server.js'
import type { ScheduledTask } from '../../world/task-scheduler.js'
import { setupLogs, systemSid } from '../../world/windows-places.js'
import { jobTask } from '../guard.js'
import { runInstallJob } from '../install-job.js'
import { checkStarted, jobAccount, refusedAccount } from '../job-account.js'
import { claimFile, claimRun } from '../job-state.js'
import { renewLease } from '../lease.js'
import { armedRun, runFile } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'
import { readSnapshot } from '../snapshot.js'
import { checkedScript } from './register-guard.js'

export const startInstallJob: ScriptAnswer<'Start-InstallJob'> = ({ server, args }) => {
  const { Run: run, LogName } = args
  const logPath = runFile(run, LogName)
  if (armedRun(server) === run) renewLease(server, run)
  if (server.files.exists(claimFile(run))) return { started: false, logPath }
  check(server, args)
  const sid = args.Account === '' ? systemSid : jobAccount(server, args.Account).sid
  server.files.write(runFile(run, 'job.ps1'), args.JobScript)
  server.files.write(runFile(run, 'job.log-name'), LogName)
  server.files.write(runFile(run, 'job.update-cas-bytes'), String(updateCasBytes(server)))
  start(server, args, sid)
  return { started: true, logPath }
}

/** The file that UpdateCas.ps1 writes to, over all its runs (exchange.md 0, fact 5). */
export const updateCasLog = `${setupLogs}\\UpdateCas.log`

function updateCasBytes({ files }: LabServer): number {
  return files.stat(updateCasLog)?.bytes ?? 0
}

function check(server: LabServer, args: ScriptArguments<'Start-InstallJob'>): void {
  const { Run: run, LogName, PackagePath, PackageSha256 } = args
  readSnapshot(server, run)
  if (armedRun(server) !== run) {
    throw new ScriptProblem(
      'GUARD_NOT_ARMED',
      `the guard of run ${run} is not armed on this server`,
      'The guard is armed before anything is changed; run again.',
    )
  }
  if (!/^[\w.-]+\.log$/i.test(LogName)) throw new ScriptProblem('LOG_NAME', `"${LogName}" is no name of a log`)
  checkedScript('job.ps1', args.JobScript, args.JobSha256)
  if (!server.files.exists(PackagePath) || server.files.sha256(PackagePath) !== PackageSha256) {
    throw new ScriptProblem(
      'PACKAGE_DAMAGED',
      `${PackagePath} is not the package that was staged`,
      'Run again: the package is sent again.',
    )
  }
}

/** Registers the task and starts it: detached from the session, as SYSTEM or a named account. */
function start(server: LabServer, args: ScriptArguments<'Start-InstallJob'>, sid: string): void {
  const { Run: run } = args
  const task: ScheduledTask = {
    name: jobTask(run),
    command: 'powershell.exe',
    run: (signal, process) => {
      // The claim stands before the process has done anything: whoever looks now sees a job that runs.
      claimRun(server, run, process)
      return runInstallJob(
        server,
        {
          run,
          sid,
          packagePath: args.PackagePath,
          logName: args.LogName,
          busyMinutes: args.BusyMinutes,
          serviceTimeoutSeconds: args.ServiceTimeoutSeconds,
          CrlCheck: args.CrlCheck,
          ServerCertificateRevocation: args.ServerCertificateRevocation,
          ExecutionPolicy: args.ExecutionPolicy,
          After: args.After,
        },
        signal,
      )
    },
  }
  if (args.Account === '') {
    server.tasks.register(task)
    server.tasks.start(task.name)
    return
  }
  const refusal = registerAccountTask(server, { ...task, account: args.Account, password: args.AccountPassword })
  if (refusal.result !== 0) throw refusedAccount(args.Account, refusal)
  startAccountTask(server, task.name)
  checkStarted(server, task.name, args.Account)
}
