import { tryAccount } from '../job-account.js'
import type { ScriptAnswer } from '../script-call.js'

export const testJobAccount: ScriptAnswer<'Test-JobAccount'> = async ({ server, args, signal }) => {
  const { Run: run, Account: name, AccountPassword: password } = args
  const { sid } = await tryAccount(server, { run, name, password, signal })
  return { sid }
}
