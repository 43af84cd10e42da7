import { readDocument } from '../input/document.js'
import { didYouMean } from '../input/near.js'
import { inputError } from '../input/problem.js'
import type { Credential } from '../inventory/model.js'
import { isManaged } from '../inventory/per-server.js'
import type { Playbook } from './model.js'
import { withSetValues } from './set-value.js'

/** What `install.run_as` says when no account is named. */
export const asSystem = 'system'

/**
 * The credential of the inventory that `install.run_as` names; undefined for SYSTEM. `text` is the playbook's, for the place of what is wrong.
 * Throws `InputError`: CREDENTIAL_UNKNOWN, or RUN_AS_PASSWORD for a credential that no task can be registered with.
 */
export function jobCredential(
  { file, install: { runAs } }: Pick<Playbook, 'file' | 'install'>,
  credentials: readonly Credential[],
  { text, set = [] }: { text: string; set?: readonly string[] },
): Credential | undefined {
  if (runAs === asSystem) return undefined
  const found = credentials.find(({ name }) => name === runAs)
  if (found !== undefined && (found.password !== undefined || isManaged(found))) return found
  const place = withSetValues(readDocument(file, text), set).at(['install', 'run_as'])
  throw inputError(file, text, [
    { ...place, ...(found === undefined ? unknown(runAs, credentials) : noPassword(found)) },
  ])
}

function unknown(runAs: string, credentials: readonly Credential[]) {
  const names = [asSystem, ...credentials.map(({ name }) => name)]
  const near = didYouMean(runAs, names)
  const meant = near === undefined ? '' : `, did you mean "${near}"?`
  return {
    code: 'CREDENTIAL_UNKNOWN',
    message: `the inventory has no credential "${runAs.slice(0, 60)}"${meant}`,
    instead: near ?? `one of: ${names.join(', ')}`,
  }
}

/** A key or an agent opens a session; a scheduled task of an account needs its password. */
function noPassword({ name, username }: Credential) {
  return {
    code: 'RUN_AS_PASSWORD',
    message: `the credential "${name}" has no password, and no task of ${username} runs without one`,
    instead: "a credential with a password, or one of a group managed service account: username: 'CONTOSO\\exroll$'",
  }
}
