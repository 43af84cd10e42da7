import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../errors.js'
import { lives, markOf, type ProcessMark } from '../process-mark.js'

const lockName = 'runner.lock'

/**
 * Takes the run folder for this process; returns what lets it go. One process at a time: a second is refused with `RUN_IS_LIVE`, which names
 * the first. A lock whose process is gone is taken over; one of another machine is, too, because a copied folder brings it along.
 */
export function lockRun(folder: string, run: string): () => void {
  const file = join(folder, lockName)
  const mine = JSON.stringify(markOf(process.pid))
  for (let tries = 0; ; tries++) {
    if (placeLock(file, mine)) {
      return () => {
        if (textOf(file) === mine) rmSync(file, { force: true })
      }
    }
    const stale = textOf(file)
    refuseLivingRun(folder, run)
    if (tries > 3) {
      throw new UsageError(`the run folder ${folder} cannot be locked`, {
        code: 'RUN_FOLDER',
        hint: `Remove ${file} if no other exroll works on this run.`,
      })
    }
    if (stale !== undefined) takeAway(file, stale)
  }
}

/** Throws `UsageError` RUN_IS_LIVE, which names the process, while one carries the run out. */
export function refuseLivingRun(folder: string, run: string): void {
  const holder = livingRunner(folder)
  if (holder === undefined) return
  throw new UsageError(`run ${run} is already carried out by process ${holder}`, {
    code: 'RUN_IS_LIVE',
    hint: `Follow it with: exroll watch ${run}`,
  })
}

/** The pid that carries this run out on this machine now; undefined when nobody does. */
export function livingRunner(folder: string): number | undefined {
  const holder = holderOf(textOf(join(folder, lockName)))
  if (holder === undefined || holder.pid === process.pid) return undefined
  return lives(holder) === true ? holder.pid : undefined
}

/** False when there is a lock already. It appears with all that is in it: nobody ever reads half a lock. */
function placeLock(file: string, mine: string): boolean {
  const fresh = `${file}.${process.pid}.new`
  try {
    writeFileSync(fresh, mine, { mode: 0o600 })
    linkSync(fresh, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(fresh, { force: true })
  }
}

/**
 * Removes a stale lock, and only that one: another process may have put its own there since it was read. A rename takes exactly one file; if it
 * was the wrong one, it goes back.
 */
function takeAway(file: string, stale: string): void {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    if (textOf(aside) !== stale) linkSync(aside, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error
  }
  rmSync(aside, { force: true })
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Who carries a run out. */
function holderOf(text: string | undefined): ProcessMark | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as ProcessMark)
  } catch {
    return undefined
  }
}
