import type { ScriptArguments, ScriptResult } from '../../../scripts/catalog.js'
import { registerAccountTask, startAccountTask } from '../../world/account-tasks.js'
import type { LabServer } from '../../world/lab-server.js'
import { copySharedFile, type SharedCopy } from '../../world/network-share.js'
import type { LabProcess } from '../../world/process-table.js'
import type { ScheduledTask } from '../../world/task-scheduler.js'
import { systemSid } from '../../world/windows-places.js'
import { copyTask } from '../guard.js'
import { checkStarted, jobAccount, refusedAccount } from '../job-account.js'
import { fromField, packageFile, runFile, stateText, toField } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'
import { uploadPath } from './initialize-package.js'
import { checkedScript } from './register-guard.js'

type CopyArguments = ScriptArguments<'Copy-SharedPackage'>

const win32Base = 0x80070000
const lookMs = 500
const claimLookMs = 200
/** The copy came to no answer of Windows'. */
const broke = -1
const claimFile = (run: string): string => runFile(run, 'copy.claim')
const endFile = (run: string): string => runFile(run, 'copy.end')

/** What Windows means by the ways in which a share cannot be read (ps-scripts/shared/SharedPackage.ps1). */
const faults: Readonly<Record<number, string>> = {
  2: 'there is no such file',
  3: 'there is no such folder in the share',
  5: 'access is denied',
  53: 'no computer of that name answers',
  67: 'that computer has no such share',
  1326: 'that computer does not know this account or its password',
}

export const copySharedPackage: ScriptAnswer<'Copy-SharedPackage'> = async ({ server, args, signal }) => {
  const { Run: run, Name, Sha256, Share, WaitSeconds } = args
  const upload = uploadPath(packageFile(Name, Sha256))
  const unc = /^\\\\[^\\/:*?"<>|;]+(?:\\[^\\/:*?"<>|;]+){2,}$/.test(Share)
  if (!unc || !Share.toLowerCase().endsWith(`\\${Name.toLowerCase()}`)) {
    throw new ScriptProblem('SHARE_NAME', `"${Share}" is no path of ${Name} on a share`)
  }
  const ended = copyEnd(server, run)
  const taken = ended?.result === 0 && !server.files.exists(upload)
  if (taken || copyState(server, run) === 'none') await start(server, args, upload, signal)
  const deadline = server.uptimeMs + WaitSeconds * 1000
  for (;;) {
    const state = copyState(server, run)
    if (state === 'ended') return complete(server, run, Share)
    if (state === 'none') {
      throw new ScriptProblem(
        'SHARE_COPY_FAILED',
        `the task that copied from ${Share} is gone without a word`,
        'Look at what ended it. Nothing was changed; run again.',
      )
    }
    if (server.uptimeMs >= deadline) return { copied: false, bytes: server.files.stat(upload)?.bytes ?? 0 }
    await server.clock.sleep(lookMs, signal)
  }
}

/** `none`: nobody copies, or whoever did is gone without a word. */
function copyState(server: LabServer, run: string): 'none' | 'running' | 'ended' {
  if (server.files.exists(endFile(run))) return 'ended'
  const [boot, pid, startedAt] = (stateText(server, claimFile(run)) ?? '').split(' ')
  const process = boot === server.bootId ? server.processes.find(Number(pid)) : undefined
  return process !== undefined && String(process.startedAt) === startedAt ? 'running' : 'none'
}

function copyEnd(server: LabServer, run: string): SharedCopy | undefined {
  const text = stateText(server, endFile(run))
  if (text === null) return undefined
  const [account, bytes, result, words] = text.split(' ').map(fromField)
  return { account: String(account), bytes: Number(bytes), result: Number(result), text: String(words) }
}

/** A failure is told once: whoever asks again wants it tried again. */
function complete(server: LabServer, run: string, share: string): ScriptResult<'Copy-SharedPackage'> {
  const end = copyEnd(server, run)
  if (end?.result === 0) return { copied: true, bytes: end.bytes }
  clear(server, run)
  if (end === undefined || end.result === broke) {
    throw new ScriptProblem(
      'SHARE_COPY_FAILED',
      `the copy from ${share} broke off: ${end?.text ?? ''}`,
      'Look at the free space of the system drive. Nothing was changed; run again.',
    )
  }
  const words = faults[end.result - win32Base] ?? end.text
  throw new ScriptProblem(
    'SHARE_UNREADABLE',
    `${end.account} cannot read ${share}: ${words} (0x${end.result.toString(16)})`,
    `Give ${end.account}, or Domain Computers, Read on the share and on its folder (NTFS), and check the path; or leave update.share out: exroll sends the package then.`,
  )
}

function clear({ files }: LabServer, run: string): void {
  for (const file of [endFile(run), claimFile(run)]) if (files.exists(file)) files.remove(file)
}

/** Registers the task and starts it. The claim stands when this returns. */
async function start(server: LabServer, args: CopyArguments, upload: string, signal: AbortSignal): Promise<void> {
  const { Run: run, Share, Account } = args
  clear(server, run)
  server.files.write(runFile(run, 'copy.request'), `${toField(Share)} ${toField(upload)}`)
  const sid = Account === '' ? systemSid : jobAccount(server, Account).sid
  checkedScript('copy.ps1', args.CopyScript, args.CopySha256)
  server.files.write(runFile(run, 'copy.ps1'), args.CopyScript)
  const task = {
    name: copyTask(run),
    command: 'powershell.exe',
    run: (_: AbortSignal, process: LabProcess) => runCopy(server, { run, from: Share, to: upload, sid }, process),
  }
  if (Account === '') {
    server.tasks.register(task)
    server.tasks.start(task.name)
  } else startAs(server, task, args)
  while (!server.files.exists(claimFile(run))) {
    if (Account !== '') checkStarted(server, task.name, Account)
    await server.clock.sleep(claimLookMs, signal)
  }
}

function startAs(server: LabServer, task: ScheduledTask, { Account, AccountPassword }: CopyArguments): void {
  const refusal = registerAccountTask(server, { ...task, account: Account, password: AccountPassword })
  if (refusal.result !== 0) throw refusedAccount(Account, refusal)
  startAccountTask(server, task.name)
}

/** The task: it takes itself away first, then copies. */
async function runCopy(
  server: LabServer,
  { run, ...copy }: { run: string; from: string; to: string; sid: string },
  { pid, startedAt }: LabProcess,
): Promise<number> {
  if (server.files.exists(claimFile(run))) return 0
  server.files.write(claimFile(run), `${server.bootId} ${pid} ${startedAt}`)
  const end = tryCopy(server, run, copy)
  if (end.result !== 0 && server.files.exists(copy.to)) server.files.remove(copy.to)
  const fields = [end.account, end.bytes, end.result, end.text].map(toField)
  server.files.write(endFile(run), fields.join(' '))
  return 0
}

function tryCopy(server: LabServer, run: string, copy: { from: string; to: string; sid: string }): SharedCopy {
  try {
    server.tasks.unregister(copyTask(run))
    return copySharedFile(server, copy)
  } catch (error) {
    return { account: '', bytes: 0, result: broke, text: error instanceof Error ? error.message : String(error) }
  }
}
