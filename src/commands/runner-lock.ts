import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../errors.js'

const lockName = 'runner.lock'

/**
 * Takes the run folder for this process; returns what lets it go. One process at a time: a second is refused with `RUN_IS_LIVE`, which names
 * the first. A lock whose process is gone is taken over; one of another machine is, too, because a copied folder brings it along.
 */
export function lockRun(folder: string, run: string): () => void {
  const file = join(folder, lockName)
  const mine = JSON.stringify({ pid: process.pid, host: hostname() })
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tries > 3) throw error
    }
    const holder = livingRunner(folder)
    if (holder !== undefined) {
      throw new UsageError(`run ${run} is already carried out by process ${holder}`, {
        code: 'RUN_IS_LIVE',
        hint: `Follow it with: exroll watch ${run}`,
      })
    }
    rmSync(file, { force: true })
  }
}

/** The pid that carries this run out on this machine now; undefined when nobody does. */
export function livingRunner(folder: string): number | undefined {
  try {
    const { pid, host } = JSON.parse(readFileSync(join(folder, lockName), 'utf8')) as { pid: number; host: string }
    if (host !== hostname() || pid === process.pid) return undefined
    process.kill(pid, 0)
    return pid
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? -1 : undefined
  }
}
