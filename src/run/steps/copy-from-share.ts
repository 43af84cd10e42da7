import { loadCopyScript } from '../../scripts/load.js'
import type { ServerContext } from '../context.js'

/** Server seconds of one call; a lost connection costs no more of what is told. */
const lookSeconds = 60

/**
 * Has the server copy the package from the share to where an upload would go, by a task of the account that installs run as. Returns how many
 * bytes. Throws `ScriptError` SHARE_UNREADABLE, SHARE_COPY_FAILED, JOB_ACCOUNT_*.
 */
export async function copyFromShare(context: ServerContext, share: string): Promise<number> {
  const { link, run, emit, server, jobAccount, package: update } = context
  const script = loadCopyScript()
  const request = {
    Run: run,
    Name: update.info.name,
    Sha256: update.info.sha256,
    Share: share,
    CopyScript: script.text,
    CopySha256: script.sha256,
    Account: jobAccount?.username ?? '',
    AccountPassword: jobAccount === undefined ? '' : await jobAccount.password(server),
    WaitSeconds: lookSeconds,
  }
  let told = Promise.resolve()
  for (;;) {
    const { copied, bytes } = await link.call('Copy-SharedPackage', request, {
      onProgress({ note }) {
        if (note === undefined) return
        told = told.then(() => emit({ type: 'step.progress', server: server.name, step: 'stage', note }))
      },
    })
    await told
    if (copied) return bytes
  }
}
