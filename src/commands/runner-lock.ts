import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { UsageError } from '../errors.js'

const lockName = 'runner.lock'

/** Who carries a run out. */
interface Holder {
  pid: number
  host: string
  /** When the process began, in the kernel's own units; null where that cannot be read. A pid alone may be somebody else's by now. */
  began: string | null
}

/**
 * Takes the run folder for this process; returns what lets it go. One process at a time: a second is refused with `RUN_IS_LIVE`, which names
 * the first. A lock whose process is gone is taken over; one of another machine is, too, because a copied folder brings it along.
 */
export function lockRun(folder: string, run: string): () => void {
  const file = join(folder, lockName)
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    began: processOf(process.pid)?.began ?? null,
  } satisfies Holder)
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
  if (holder === undefined || holder.host !== hostname() || holder.pid === process.pid) return undefined
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  const found = processOf(holder.pid)
  // Killed, and its parent has not looked yet: a viewer that is stopped leaves that to nobody.
  if (found?.state === 'Z' || found?.state === 'X') return undefined
  return found === undefined || holder.began === null || found.began === holder.began ? holder.pid : undefined
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

function holderOf(text: string | undefined): Holder | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Holder)
  } catch {
    return undefined
  }
}

/** State and beginning: fields 3 and 22 of `/proc/<pid>/stat` (proc(5)), counted behind the command's closing bracket. Undefined where there is no such file. */
function processOf(pid: number): { state: string; began: string } | undefined {
  const text = textOf(`/proc/${pid}/stat`)
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, began] = [fields?.[0], fields?.[19]]
  return state === undefined || began === undefined ? undefined : { state, began }
}
