import { TransferError } from '../../errors.js'
import type { ServerContext, Step } from '../context.js'
import { copyFromShare } from './copy-from-share.js'
import { copyProgress } from './copy-progress.js'

const uploads = 3

/**
 * Puts the package on the server under its own name, in a folder that stays: Windows Installer remembers both, and deleting
 * it would make the article's case 3. A damaged upload is noticed by SHA-256 on the server and sent again.
 */
export const stage: Step = async context => {
  const { link, package: update, found, emit, server } = context
  const { name, sha256, bytes } = update.info
  const place = await link.call('Initialize-Package', { Name: name, Sha256: sha256 })
  await tryAccount(context)
  if (place.present) {
    found.packagePath = place.path
    return { outcome: 'ok', note: 'already there' }
  }
  if (context.playbook.update?.share !== undefined) {
    const copied = await copyFromShare(context, context.playbook.update.share)
    found.packagePath = (await link.call('Complete-Package', { Name: name, Sha256: sha256 })).path
    return { outcome: 'changed', note: `${copied} bytes, copied by the server` }
  }
  for (let attempt = 1; ; attempt++) {
    try {
      await upload(context, place.uploadPath)
      const { path } = await link.call('Complete-Package', { Name: name, Sha256: sha256 })
      found.packagePath = path
      return { outcome: 'changed', note: `${bytes} bytes${attempt === 1 ? '' : `, upload ${attempt}`}` }
    } catch (error) {
      if (!isDamage(error) || attempt >= uploads) throw error
      await emit({
        type: 'step.progress',
        server: server.name,
        step: 'stage',
        note: 'the upload was damaged on its way, sending it again',
      })
    }
  }
}

/** Goes on after a lost connection, from where the copy was cut. */
async function upload(context: ServerContext, path: string): Promise<void> {
  const { sha256, bytes } = context.package.info
  const progress = copyProgress(context, bytes)
  try {
    await context.link.use(session =>
      session.upload(context.package.file, path, {
        // The server itself hashes the whole file in Complete-Package; reading it back as well would double the traffic.
        hash: async () => sha256,
        onProgress: progress.take,
      }),
    )
  } finally {
    await progress.told()
  }
}

/** Nothing has been changed yet and no package was copied: the time to hear that an account cannot run the install. */
async function tryAccount({ link, run, server, jobAccount }: ServerContext): Promise<void> {
  if (jobAccount === undefined) return
  await jobAccount.tryOn(server.name, async () =>
    link.call('Test-JobAccount', {
      Run: run,
      Account: jobAccount.username,
      AccountPassword: await jobAccount.password(server),
    }),
  )
}

function isDamage(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 'PACKAGE_DAMAGED' || (error instanceof TransferError && code === 'TRANSFER_DAMAGED')
}
