import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPrivateFolder, privateFolders } from '../../private-folder.js'
import { lives, markOf, type ProcessMark } from '../../process-mark.js'
import type { ShellReference } from './shell/answers.js'

/** A shell that a process opened, and for whom. */
export interface RecordedShell {
  /** `host:port` */
  where: string
  username: string
  reference: ShellReference
}

/** A shell of a process that is gone, and the file that tells of it. */
export interface LeftShell extends RecordedShell {
  file: string
}

interface Line {
  process?: ProcessMark
  opened?: RecordedShell
  /** Id of a shell that is gone. */
  ended?: string
}

/** A file of a gone process that is so old, in milliseconds, tells of nothing any more: servers have ended what nobody used. */
const oldestMs = 24 * 60 * 60 * 1000
const isRecord = /^shells-\d+-\d+\.ndjson$/

/**
 * Which shells each exroll on this machine has open, in a file of its own in a folder of this user: a process that is killed
 * cannot delete them, and each counts against MaxShellsPerUser for as long as what runs in it, so the next exroll does. By their
 * ids, which nobody else's shells have; those of a process that lives, or of another machine, are let alone. Holds no secret.
 *
 * A record that cannot be kept is no error: the server ends shells that nobody uses by itself.
 */
export class ShellRecord {
  readonly #folder: string | undefined
  readonly #mark: ProcessMark
  readonly #open = new Map<string, RecordedShell>()

  constructor(folder: string | undefined = privateFolders().find(isPrivateFolder), mark = markOf(process.pid)) {
    this.#folder = folder
    this.#mark = mark
  }

  opened(shell: RecordedShell): void {
    const first = this.#open.size === 0
    this.#open.set(idOf(shell), shell)
    const line = JSON.stringify({ opened: shell } satisfies Line)
    this.#write(file => {
      if (!first) return appendFileSync(file, `${line}\n`)
      const process = JSON.stringify({ process: this.#mark } satisfies Line)
      writeFileSync(file, `${process}\n${line}\n`, { mode: 0o600 })
    })
  }

  ended(shell: RecordedShell): void {
    if (!this.#open.delete(idOf(shell))) return
    this.#write(file => {
      if (this.#open.size === 0) rmSync(file, { force: true })
      else appendFileSync(file, `${JSON.stringify({ ended: idOf(shell) } satisfies Line)}\n`)
    })
  }

  /** What processes that are gone left open on a server for an account. */
  leftBehind(where: string, username: string): LeftShell[] {
    if (this.#folder === undefined) return []
    try {
      const folder = this.#folder
      return readdirSync(folder)
        .filter(name => isRecord.test(name))
        .map(name => join(folder, name))
        .flatMap(file => shellsIn(file).map(shell => ({ ...shell, file })))
        .filter(shell => shell.where === where && shell.username === username)
    } catch {
      // Another process has removed one of the files meanwhile; what is left then is found at the next connection.
      return []
    }
  }

  /** A shell that was left behind is gone. */
  forget({ file, ...shell }: LeftShell): void {
    try {
      appendFileSync(file, `${JSON.stringify({ ended: idOf(shell) } satisfies Line)}\n`)
      if (shellsIn(file).length === 0) rmSync(file, { force: true })
    } catch {
      // It is asked for once more by the next exroll, and is not there.
    }
  }

  #write(act: (file: string) => void): void {
    if (this.#folder === undefined) return
    try {
      act(join(this.#folder, `shells-${this.#mark.pid}-${this.#mark.began ?? 0}.ndjson`))
    } catch {
      // A full disk, say. These shells then end by themselves.
    }
  }
}

/** The shells that are still open by a file; none when its process lives. An old file is removed. */
function shellsIn(file: string): RecordedShell[] {
  const lines = linesOf(file)
  const process = lines.find(line => line.process !== undefined)?.process
  if (process === undefined || lives(process) !== false) return []
  if (Date.now() - statSync(file).mtimeMs > oldestMs) {
    rmSync(file, { force: true })
    return []
  }
  const ended = new Set(lines.map(line => line.ended))
  return lines.flatMap(({ opened }) => (opened === undefined || ended.has(idOf(opened)) ? [] : [opened]))
}

/** The last line of a process that was killed may be half a line. */
function linesOf(file: string): Line[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(text => text.startsWith('{') && text.endsWith('}'))
      .map(text => JSON.parse(text) as Line)
  } catch {
    return []
  }
}

function idOf({ reference }: RecordedShell): string {
  return Object.values(reference.selectors).join(' ')
}
