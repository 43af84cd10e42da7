import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process of which machine, for a file that outlives it. A pid alone may be somebody else's by now. */
export interface ProcessMark {
  pid: number
  host: string
  /** When the process began, in the kernel's own units; null where that cannot be read. */
  began: string | null
}

export function markOf(pid: number): ProcessMark {
  return { pid, host: hostname(), began: processOf(pid)?.began ?? null }
}

/** Whether that process still runs. One of another machine is not known of: undefined. */
export function lives(mark: ProcessMark): boolean | undefined {
  if (mark.host !== hostname()) return undefined
  try {
    process.kill(mark.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const found = processOf(mark.pid)
  // Killed, and its parent has not looked yet: a viewer that is stopped leaves that to nobody.
  if (found?.state === 'Z' || found?.state === 'X') return false
  return found === undefined || mark.began === null || found.began === mark.began
}

/** State and beginning: fields 3 and 22 of `/proc/<pid>/stat` (proc(5)), counted behind the command's closing bracket. Undefined where there is no such file. */
function processOf(pid: number): { state: string; began: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state, began] = [fields[0], fields[19]]
    return state === undefined || began === undefined ? undefined : { state, began }
  } catch {
    return undefined
  }
}
