import type { ReadStream } from 'node:tty'
import type { Credential, InventoryServer } from '../inventory/model.js'
import { credentialFor } from '../inventory/per-server.js'
import { openSecrets, type Secrets } from '../secrets/secrets.js'
import { terminalPrompt } from '../secrets/terminal-prompt.js'
import { hostSecrets } from './hosted.js'
import type { CommandIo } from './io.js'
import { whileAsking } from './signals.js'

/**
 * Every secret that these servers and the account of their installs need, before anything is contacted: a prompt in the middle of the night's
 * run would wait for nobody. Throws what `resolveSecret` throws.
 */
export function askSecrets(
  servers: readonly InventoryServer[],
  io: CommandIo,
  jobAccount?: Credential | undefined,
): Promise<Secrets> {
  return whileAsking(async signal => {
    const prompt = terminalPrompt(io.stdin as ReadStream, io.stderr, signal)
    const given = hostSecrets(io.host?.credentials ?? [], servers, jobAccount)
    const secrets = openSecrets({ env: io.env, given, ...(prompt === undefined ? {} : { prompt }) })
    for (const server of servers) {
      const job = jobAccount === undefined ? undefined : credentialFor(jobAccount, server)
      for (const each of [server.credential, server.ssh.jumpCredential, job]) {
        if (each === undefined) continue
        await secrets.password(each)
        await secrets.passphrase(each)
      }
    }
    return secrets
  })
}
