import type { ReadStream } from 'node:tty'
import type { InventoryServer } from '../inventory/model.js'
import { openSecrets, type Secrets } from '../secrets/secrets.js'
import { terminalPrompt } from '../secrets/terminal-prompt.js'
import { hostSecrets } from './hosted.js'
import type { CommandIo } from './io.js'
import { whileAsking } from './signals.js'

/**
 * Every secret these servers need, before anything is contacted: a prompt in the middle of the night's run would wait for nobody. Throws
 * what `resolveSecret` throws.
 */
export function askSecrets(servers: readonly InventoryServer[], io: CommandIo): Promise<Secrets> {
  return whileAsking(async signal => {
    const prompt = terminalPrompt(io.stdin as ReadStream, io.stderr, signal)
    const given = hostSecrets(io.host?.credentials ?? [], servers)
    const secrets = openSecrets({ env: io.env, given, ...(prompt === undefined ? {} : { prompt }) })
    for (const { credential, ssh } of servers) {
      for (const each of [credential, ssh.jumpCredential]) {
        if (each === undefined) continue
        await secrets.password(each)
        await secrets.passphrase(each)
      }
    }
    return secrets
  })
}
