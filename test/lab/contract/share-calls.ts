import type { ScriptArguments } from '../../../src/scripts/catalog.js'
import { loadCopyScript } from '../../../src/scripts/load.js'
import { comparable } from './comparable.js'
import type { ContractServer } from './contract-server.js'
import { packageName, packageSha256 } from './every-call.js'

const run = '20081014-200000-ab14'

/**
 * A package that the server copies by itself, as its own account and as a named one: every way in which it cannot be read, the copy, the same
 * call again, and what is left over. How often a copy is looked at is a matter of time, so its progress is no part of the story.
 */
export async function shareCalls({ server, call }: ContractServer): Promise<unknown[]> {
  const story: unknown[] = []
  const { text, sha256 } = loadCopyScript()
  const package_ = { Name: packageName, Sha256: packageSha256 }
  const upload = `C:\\ProgramData\\exroll\\packages\\${packageSha256.slice(0, 8)}\\${packageName}.part`
  const copy = async (label: string, change: Partial<ScriptArguments<'Copy-SharedPackage'>> = {}): Promise<void> => {
    const answer = await call('Copy-SharedPackage', {
      ...{ Run: run, ...package_, Share: `\\\\fs01\\updates\\${packageName}`, CopyScript: text, CopySha256: sha256 },
      ...{ Account: '', AccountPassword: '', WaitSeconds: 600 },
      ...change,
    })
    story.push(comparable({ call: label, answer }, server), {
      tasks: server.tasks.names,
      arrived: server.files.exists(upload),
    })
  }
  const account = server.accounts[1]
  if (account === undefined) throw new Error('the lab has no account for jobs')
  account.password = 'right'
  const named = { Account: 'EXLAB\\exjob', AccountPassword: 'right' }

  await copy('no such server', { Share: `\\\\fs02\\updates\\${packageName}` })
  await copy('no such share', { Share: `\\\\fs01\\other\\${packageName}` })
  await copy('no such file', { Share: `\\\\fs01\\updates\\old\\${packageName}` })
  await copy('no path of that package', { Share: '\\\\fs01\\updates\\other.msp' })
  await copy('no path of a share', { Share: `C:\\${packageName}` })
  await copy('a script with a wrong hash', { CopySha256: packageSha256 })
  await copy('as it is')
  await copy('the same again')
  const complete = await call('Complete-Package', package_)
  story.push(comparable({ call: 'Complete-Package', answer: complete }, server))
  await copy('a wrong password', { ...named, AccountPassword: 'wrong' })
  account.batchLogon = false
  await copy('not as a batch job', named)
  account.batchLogon = true
  await copy('as an account', named)
  await copy('as an account that may not', { ...named, Share: `\\\\fs01\\other\\${packageName}` })
  const left = await call('Get-ServerLeftover', {})
  story.push(comparable({ call: 'Get-ServerLeftover', answer: left }, server), { logons: server.logonsTried })
  return story
}
