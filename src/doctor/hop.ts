import type { ErrorInfo } from '../errors.js'

/** What one look on the way to a server found. */
export interface Hop {
  /** In their order: `name`, `port`, `host-key`, `tls`, `offered`, `clock`, `logon`, `binding`, `shell`, `sftp`, `quotas`, `powershell`, `policy`, `token`, `directory`, `revocation`. */
  hop: string
  /** `note`: it works, and something is worth knowing. `skipped`: could not be looked at, because an earlier one was in the way. */
  outcome: 'ok' | 'note' | 'failed' | 'skipped'
  /** Milliseconds that it took. */
  ms: number
  /** In words. */
  found: string
  /** Stable, where something is wrong. */
  code?: string
  /** What to do about it. */
  fix?: string
}

interface Found<T> {
  found: string
  value: T
  note?: Named
  /** Something that has to be cured first, and that the looks after it do not need. */
  wrong?: Named
}

export interface Named {
  code: string
  fix: string
}

/** A look on its own; what it throws is what it found. */
export type Look<T> = () => Promise<Found<T>>

/** Collects hops in their order. After one that threw the others are `skipped`. */
export class Way {
  readonly hops: Hop[] = []
  /** What ended the way. */
  failure: unknown
  #broken = false
  readonly #now: () => number
  readonly #wrong: (error: unknown) => ErrorInfo
  readonly #onLook: (hop: string) => void

  /** `now` = milliseconds of a clock that never goes back. `onLook` hears of each look before it is taken. */
  constructor(now: () => number, wrong: (error: unknown) => ErrorInfo, onLook: (hop: string) => void = () => {}) {
    this.#now = now
    this.#wrong = wrong
    this.#onLook = onLook
  }

  get broken(): boolean {
    return this.#broken
  }

  /** Takes one look; undefined when it or one before it threw. */
  async look<T>(hop: string, take: Look<T>): Promise<T | undefined> {
    if (this.#broken) {
      this.hops.push({ hop, outcome: 'skipped', ms: 0, found: 'not looked at' })
      return undefined
    }
    const startedAt = this.#now()
    const ms = () => Math.round(this.#now() - startedAt)
    this.#onLook(hop)
    try {
      const { found, value, note, wrong } = await take()
      const named = wrong ?? note
      const outcome = wrong !== undefined ? 'failed' : note !== undefined ? 'note' : 'ok'
      this.hops.push({ hop, outcome, ms: ms(), found, ...(named && { ...named, fix: typeable(named.fix) }) })
      return value
    } catch (error) {
      this.#broken = true
      this.failure = error
      const { code, message, hint } = this.#wrong(error)
      const fix = hint === undefined ? {} : { fix: typeable(hint) }
      this.hops.push({ hop, outcome: 'failed', ms: ms(), found: message, code, ...fix })
      return undefined
    }
  }
}

/** PowerShell takes @{...} for a hash table of its own, and hands winrm.cmd its type's name. */
function typeable(fix: string): string {
  return /\bwinrm (?:set|create) [^']*@\{/.test(fix) ? `${fix} (In PowerShell put @{...} in single quotes.)` : fix
}
