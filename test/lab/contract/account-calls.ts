import { allowRestore } from '../../../src/lab/faults/restore-refused.js'
import { serverState } from '../../../src/lab/server-state.js'
import { credentialPolicy } from '../../../src/lab/world/windows-places.js'
import { type ScriptArguments, type ScriptName, systemSid } from '../../../src/scripts/catalog.js'
import { loadGuardScript } from '../../../src/scripts/load.js'
import { installRequest } from '../install-request.js'
import { comparable } from './comparable.js'
import type { Answer, ContractServer } from './contract-server.js'
import { follow, packageBytes, packageName, packageSha256 } from './every-call.js'

const name = 'EXLAB\\exjob'
const run = '20081014-200000-ab13'

/**
 * The calls that know of an account which installs run as: facts of accounts that there are and are not, every way in which Windows refuses
 * one, and a job of it from the snapshot to the end. With the fault `restore-refused` the job leaves its setting, and a call has to mount the
 * registry of the account, which has logged off, to put it back.
 */
export async function accountCalls({ server, call }: ContractServer): Promise<unknown[]> {
  const story: unknown[] = []
  const tell = async <N extends ScriptName>(
    script: N,
    args: ScriptArguments<N>,
    label: string = script,
  ): Promise<Answer<N>> => {
    const answer = await call(script, args)
    story.push(comparable({ call: label, answer }, server))
    return answer
  }
  const account = server.accounts[1]
  if (account === undefined) throw new Error('the lab has no account for jobs')
  account.password = 'right'
  const facts = (JobAccount: string) =>
    tell('Get-ServerFact', { Accounts: [systemSid], JobAccount }, `Get-ServerFact of ${JobAccount}`)
  let tries = 0
  const trial = (label: string, Account = name, AccountPassword = 'right') => {
    tries += 1
    return tell('Test-JobAccount', { Run: `${run}-${tries}`, Account, AccountPassword }, `Test-JobAccount: ${label}`)
  }

  await facts(name)
  await facts('exadmin@exlab')
  await facts('EXLAB\\nobody')
  await facts('EXLAB\\exroll$')
  await trial('nobody', 'EXLAB\\nobody')
  await trial('a managed account', 'EXLAB\\exroll$', '')
  await trial('a wrong password', name, 'wrong')
  tries -= 1
  await trial('a wrong password, and then the right one in the same run')
  await trial('as it is')
  account.batchLogon = false
  await trial('not as a batch job')
  account.batchLogon = true
  account.administrator = false
  await facts(name)
  await trial('no administrator')
  account.administrator = true
  server.registry.set(credentialPolicy, 'DisableDomainCreds', 1)
  await facts(name)
  await trial('no password may be stored')
  server.registry.delete(credentialPolicy, 'DisableDomainCreds')

  const guard = loadGuardScript()
  const package_ = { Name: packageName, Sha256: packageSha256 }
  const staged = await call('Initialize-Package', package_)
  if ('data' in staged) server.files.write(staged.data.uploadPath, packageBytes)
  const complete = await call('Complete-Package', package_)
  const install = {
    ...installRequest(run, { path: 'data' in complete ? complete.data.path : '', sha256: packageSha256 }),
    Account: name,
    AccountPassword: 'right',
  }
  await tell('New-Snapshot', { Run: run, Accounts: [account.sid], Defaults: [], Before: '' })
  await tell('Register-Guard', { Run: run, LeaseMinutes: 600, GuardScript: guard.text, GuardSha256: guard.sha256 })
  await tell('Start-InstallJob', { ...install, AccountPassword: 'wrong' }, 'Start-InstallJob with a wrong password')
  await tell('Start-InstallJob', { ...install, Account: 'EXLAB\\nobody' }, 'Start-InstallJob of nobody')
  account.batchLogon = false
  await tell('Start-InstallJob', install, 'Start-InstallJob not as a batch job')
  account.batchLogon = true
  await tell('Start-InstallJob', install)
  story.push(comparable({ call: 'the job', answer: await follow(call, server, run) }, server))
  await tell('Start-SnapshotService', { Run: run, TimeoutSeconds: 600 })
  await tell('Test-Installation', { Run: run, ExpectedBuild: '8.1.311.3', PatchCode: '' })
  await tell('Get-ServerLeftover', {})
  allowRestore(server)
  await tell('Restore-ServerState', { Run: run, ServiceTimeoutSeconds: 600 })
  await tell('Unregister-Guard', { Run: run })
  await tell('Get-ServerLeftover', {}, 'Get-ServerLeftover after all')
  await facts(name)
  await tell('Remove-ServerLeftover', { Runs: [run], Packages: [] })
  const { digest: _, writes: __, ...held } = serverState(server)
  return [...story, { held, mounted: server.hives.mounts, logons: server.logonsTried }]
}
