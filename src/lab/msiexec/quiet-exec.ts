import { installPath } from '../world/windows-places.js'
import { scriptPermission } from './script-permission.js'
import { InstallEnd, type Transaction } from './transaction.js'

/** What a script of Exchange's leaves: 0 is success, any other value fails the custom action. */
type ScriptBody = () => Promise<number>

/** Types of the handles that the article's log shows around a quiet command. */
const handleType = 790531

/**
 * A custom action that runs one of Exchange's scripts in a PowerShell of its own (article, Return Value 3 case 1). Its lines are the
 * article's. Throws `InstallEnd` 1603 when the policy forbids the script or the script ends with anything but 0.
 */
export async function runScript(
  transaction: Transaction,
  script: 'servicecontrol.ps1' | 'UpdateCas.ps1',
  operation: string,
  body: ScriptBody,
): Promise<void> {
  const { log, server, sid } = transaction
  const file = `${installPath}\\bin\\${script}`
  const command = `"${installPath}\\bin\\QuietExe.exe" "C:\\WINDOWS\\system32\\WindowsPowerShell\\v1.0\\powershell.exe" " -command . '${file}' ${operation}"`
  log.custom(`PROPERTY CHANGE: Adding QtExecCmdLine property. Its value is '${command}'.`)
  log.custom(`PROPERTY CHANGE: Deleting QtExecCmdLine property. Its current value is '${command}'.`)
  const permission = scriptPermission(server, sid)
  if (permission === 'runs') {
    log.flush()
    const exitCode = await body()
    if (exitCode === 0) return
  } else if (permission === 'authorization-manager') {
    handle(transaction, 3, `CAQuietExec:  File ${file} cannot be loaded. AuthorizationManager check failed.`)
  }
  handle(transaction, 4, 'CAQuietExec:  Error 0x80070001: Command line returned an error.')
  handle(transaction, 5, 'CAQuietExec:  Error 0x80070001: CAQuietExec Failed')
  throw new InstallEnd(1603, `${script} ${operation} did not run to a good end`)
}

function handle({ log, random }: Transaction, number: number, output: string): void {
  const thread = random.between(1200, 7000)
  log.custom(`Creating MSIHANDLE (${number}) of type ${handleType} for thread ${thread}`)
  log.bare(output)
  log.custom(`Closing MSIHANDLE (${number}) of type ${handleType} for thread ${thread}`)
}
