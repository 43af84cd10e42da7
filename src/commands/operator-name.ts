import { userInfo } from 'node:os'
import type { CommandIo } from './io.js'

/** Who asks something of a run, for its journal: the name of the account, as the system or else the environment has it. */
export function operatorName({ env }: Pick<CommandIo, 'env'>): string {
  try {
    return userInfo().username
  } catch {
    // An account without an entry in the user data base, as containers have it.
    return env.USER ?? env.USERNAME ?? 'operator'
  }
}
