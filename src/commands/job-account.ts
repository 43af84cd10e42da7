import type { Credential } from '../inventory/model.js'
import { credentialFor } from '../inventory/per-server.js'
import { createJobAccount, type JobAccount } from '../run/job-account.js'
import type { Secrets } from '../secrets/secrets.js'

/** The account of a credential, with its password from where the secrets of this run come from. */
export function jobAccountOf(credential: Credential, secrets: Secrets): JobAccount {
  return createJobAccount(credential, server => secrets.password(credentialFor(credential, server)))
}
