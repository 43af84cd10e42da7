import { createSlots } from '../../slots.js'
import type { Shell } from './shell.js'

/** Commands that run at once in one session: MaxProcessesPerShell is 25, of which others may use some. */
export const commandLimit = 8
/**
 * Commands that one shell is given. Windows counts every command of a shell as an operation until the shell ends, so about 1,500
 * end it (MS-WSMV note <118>).
 */
const commandsPerShell = 1000

interface Counted {
  shell: Shell
  started: number
  running: number
  /** True in the end when the server has it no longer. */
  deleting?: Promise<boolean>
}

/** The shells of a session: one at a time, and one more while the commands of a used-up one come to their end. */
export class ShellSet {
  readonly #create: () => Promise<Shell>
  readonly #commandsPerShell: number
  readonly #slots = createSlots(commandLimit)
  /** All that the server has, also those on their way out: what could not be deleted is somebody's to delete. */
  readonly #open = new Set<Counted>()
  #current: Counted
  #next: Promise<Counted> | undefined

  constructor(first: Shell, create: () => Promise<Shell>, perShell: number = commandsPerShell) {
    this.#create = create
    this.#commandsPerShell = perShell
    this.#current = { shell: first, started: 0, running: 0 }
    this.#open.add(this.#current)
  }

  /** Calls `act` with a shell once fewer than `commandLimit` commands run; rejects with the signal's reason. */
  async use<T>(act: (shell: Shell) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const slot = await this.#slots.acquire(signal)
    let counted: Counted | undefined
    try {
      counted = await this.#take()
      return await act(counted.shell)
    } finally {
      slot.release()
      if (counted !== undefined) this.#give(counted)
    }
  }

  /** Goes on in another shell than `used`; resolves when that is deleted, unless something runs in it: what it used up is free then. */
  async renew(used: Shell): Promise<void> {
    if (this.#current.shell === used) {
      this.#current.started = this.#commandsPerShell
      this.#retire(this.#current)
    }
    await Promise.all([...this.#open].map(({ deleting }) => deleting))
  }

  /** Deletes every shell; an abort ends that early. `abandon` then gives those that could not be deleted. */
  async deleteAll(signal: AbortSignal): Promise<void> {
    await Promise.all(
      [...this.#open].map(async counted => {
        // What was tried without success is tried once more.
        if (!(await counted.deleting)) await this.#delete(counted, signal)
      }),
    )
  }

  /** Forgets the shells that are left without deleting them: whoever has a connection may. */
  abandon(): Shell[] {
    const shells = [...this.#open].map(({ shell }) => shell)
    this.#open.clear()
    return shells
  }

  async #take(): Promise<Counted> {
    if (this.#current.started >= this.#commandsPerShell) {
      this.#next ??= this.#create().then(shell => {
        const counted = { shell, started: 0, running: 0 }
        this.#open.add(counted)
        return counted
      })
      const before = this.#current
      this.#current = await this.#next.finally(() => {
        this.#next = undefined
      })
      if (before !== this.#current) this.#retire(before)
    }
    this.#current.started += 1
    this.#current.running += 1
    return this.#current
  }

  #give(counted: Counted): void {
    counted.running -= 1
    if (counted !== this.#current) this.#retire(counted)
  }

  #retire(counted: Counted): void {
    if (counted.running === 0 && counted.deleting === undefined) void this.#delete(counted)
  }

  #delete(counted: Counted, signal?: AbortSignal): Promise<boolean> {
    counted.deleting = deleted(counted.shell, signal).then(gone => {
      if (gone) this.#open.delete(counted)
      return gone
    })
    return counted.deleting
  }
}

/** True when the shell is gone, whoever ended it. */
export async function deleted(shell: Shell, signal?: AbortSignal): Promise<boolean> {
  try {
    await shell.delete(signal)
    return true
  } catch {
    // No answer, or a refusal: whoever asked keeps it for the next time.
    return false
  }
}
