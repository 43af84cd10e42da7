// A lock between processes: a folder with the owner's pid in it. Node built-ins only.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** No set-up takes longer; a pid that lives then belongs to another program. */
const longestMs = 30 * 60_000
/** Between making the folder and writing the pid. */
const bareMs = 10_000

/**
 * Resolves when `folder` was made by this process, which then holds the lock until `release`. What a killed process left behind
 * is taken over. `waiting(pid)` is called once when another process holds it.
 */
export async function acquire(folder, waiting) {
  for (let told = false; ; ) {
    try {
      mkdirSync(folder)
      writeFileSync(join(folder, 'pid'), String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const owner = ownerOf(folder)
    if (isGone(folder, owner)) takeAway(folder, owner)
    else {
      if (!told) waiting(owner)
      told = true
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }
}

export function release(folder) {
  const [parent, name] = [dirname(folder), `${basename(folder)}-of-`]
  for (const aside of readdirSync(parent).filter(entry => entry.startsWith(name))) {
    rmSync(join(parent, aside), { recursive: true, force: true })
  }
  rmSync(folder, { recursive: true, force: true })
}

function ownerOf(folder) {
  try {
    return Number(readFileSync(join(folder, 'pid'), 'utf8')) || undefined
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return undefined
  }
}

function isGone(folder, owner) {
  const made = statSync(folder, { throwIfNoEntry: false })
  if (made === undefined) return false
  const age = Date.now() - made.mtimeMs
  if (age > longestMs) return true
  if (owner === undefined) return age > bareMs
  try {
    process.kill(owner, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

/**
 * Of several that saw the same owner gone, only the first may take its lock away: the others would take that of the first. They all
 * rename it to the same name, and a folder cannot be renamed onto one that is not empty. What was put aside goes with `release`.
 */
function takeAway(folder, owner) {
  const aside = `${folder}-of-${owner ?? 'nobody'}`
  try {
    renameSync(folder, aside)
    writeFileSync(join(aside, 'gone'), '')
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code)) throw error
  }
}
