import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { TransferError } from '../../errors.js'
import type { CollectableLog } from '../../scripts/catalog.js'
import type { ServerContext, Step } from '../context.js'

const tries = 3

/** Pulls the logs back, byte for byte as on the server, under their own names. */
export const collect: Step = async context => {
  const { link, run, playbook, folder, found } = context
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (let attempt = 1; ; attempt++) {
    const { files } = await link.call('Get-CollectableLog', { Run: run, Kinds: playbook.collect })
    try {
      found.collected = await pull(context, files)
      return { outcome: 'ok', note: `${files.length} files` }
    } catch (error) {
      // A log that is still written to has another hash by the time it is here: list it again.
      if (!(error instanceof TransferError && error.code === 'TRANSFER_DAMAGED') || attempt >= tries) throw error
    }
  }
}

async function pull({ link, folder }: ServerContext, files: CollectableLog[]) {
  const names = uniqueNames(files)
  const collected: { name: string; kind: string; file: string }[] = []
  for (const [index, log] of files.entries()) {
    const name = names[index] ?? log.name
    const file = join(folder, name)
    await link.use(session => session.download(log.path, file, { hash: async () => log.sha256 }))
    collected.push({ name, kind: log.kind, file })
  }
  return collected
}

/** A name from a server becomes a local file name: no folders, no second file under the same name. */
export function uniqueNames(files: { name: string }[]): string[] {
  const taken = new Set<string>()
  return files.map(({ name }) => {
    const safe =
      name
        .replace(/^.*[\\/]/, '')
        .replace(/[^\w.()+ -]/g, '_')
        .replace(/^\.+/, '_') || '_'
    let unique = safe
    for (let copy = 2; taken.has(unique.toLowerCase()); copy++) unique = `${copy}-${safe}`
    taken.add(unique.toLowerCase())
    return unique
  })
}
