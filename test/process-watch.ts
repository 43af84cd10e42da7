import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Other people's processes can be looked at here: Linux. */
export const canWatch = existsSync('/proc/self/environ')

/** What any user of the machine could see of a process. */
export interface SeenProcess {
  pid: number
  argv: string
  environment: string
}

/**
 * Looks at a process and all that descend from it, again and again, until it is told to stop; then gives each that it saw, with the last of
 * what it saw of it. A process that lives for less than a look may be missed.
 */
export function watchProcesses(root: number): { seen: () => SeenProcess[]; stop: () => SeenProcess[] } {
  const known = new Map<number, SeenProcess>()
  const look = () => {
    for (const pid of [root, ...descendants(root)]) {
      const argv = text(pid, 'cmdline')
      const environment = text(pid, 'environ')
      if (argv !== '' || environment !== '') known.set(pid, { pid, argv, environment })
    }
  }
  look()
  const timer = setInterval(look, 20)
  const seen = () => [...known.values()]
  return {
    seen,
    stop() {
      clearInterval(timer)
      return seen()
    },
  }
}

/** Processes that descend from one, itself not among them. */
export function descendants(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    // `pid (name) state ppid`; the name may hold anything.
    const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(text(Number(name), 'stat')) ?? []
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === root || isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}

/** Where below a folder a text stands in a file, in its names or in what it holds. */
export function filesWith(folder: string, texts: readonly string[]): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap(entry => {
    const path = join(entry.parentPath, entry.name)
    const content = entry.isFile() ? readFileSync(path).toString('latin1') : ''
    return texts.some(found => entry.name.includes(found) || content.includes(found)) ? [path] : []
  })
}

/** A secret as it is, in base64 and in UTF-16: how it could stand somewhere by accident. */
export function formsOf(secret: string): string[] {
  const wide = Buffer.from(secret, 'utf16le')
  return [secret, Buffer.from(secret).toString('base64'), wide.toString('latin1'), wide.toString('base64')]
}

/** A process that has ended has nothing any more. */
function text(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
