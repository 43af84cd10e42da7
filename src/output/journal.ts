import { open } from 'node:fs/promises'
import { encodeEvent } from '../events/codec.js'
import type { RunEvent } from '../events/event.js'

export interface Journal {
  /** Resolves when the event is on disk. `log.line` is bulk: it is never written, the log itself is pulled. */
  write(event: RunEvent): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  line: string
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * Appends to a journal file, mode 0600. Events that wait at the same time share one write and one flush to disk. Once a write failed, no
 * later event is taken: a journal may end early, but has no gap.
 */
export async function openJournal(file: string): Promise<Journal> {
  const handle = await open(file, 'a', 0o600)
  let whole = (await handle.stat()).size
  let failure: { error: unknown } | undefined
  let waiting: Waiting[] = []
  let writing: Promise<void> | undefined

  async function append(text: string): Promise<void> {
    if (failure !== undefined) throw failure.error
    try {
      await handle.appendFile(text)
      await handle.datasync()
      whole += Buffer.byteLength(text)
    } catch (error) {
      failure = { error }
      // Half a line may be there. Whoever opens the journal next cuts it off, should that not be possible now.
      await handle.truncate(whole).catch(() => undefined)
      throw error
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        await append(group.map(({ line }) => line).join(''))
        for (const { resolve } of group) resolve()
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    writing = undefined
  }

  return {
    write(event) {
      if (event.type === 'log.line') return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiting.push({ line: encodeEvent(event), resolve, reject })
        writing ??= drain()
      })
    },
    async close() {
      await writing
      await handle.close()
    },
  }
}
