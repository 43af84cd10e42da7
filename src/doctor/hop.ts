/** What one look on the way to a server found. */
export interface Hop {
  /** In their order: `name`, `port`, `host-key`, `tls`, `offered`, `clock`, `logon`, `binding`, `shell`, `sftp`, `quotas`, `powershell`, `policy`, `token`, `directory`, `revocation`. */
  hop: string
  /** `note`: it works, and something is worth knowing. `skipped`: could not be looked at, because an earlier one failed. */
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

/** A look on its own; what it throws is what it found. */
export type Look<T> = () => Promise<{ found: string; value: T; note?: { code: string; fix: string } }>

/** Collects hops in their order. After one that failed the others are `skipped`. */
export class Way {
  readonly hops: Hop[] = []
  readonly #now: () => number
  readonly #wrong: (error: unknown) => { code: string; message: string; hint?: string }

  /** `now` = milliseconds of a clock that never goes back. */
  constructor(now: () => number, wrong: (error: unknown) => { code: string; message: string; hint?: string }) {
    this.#now = now
    this.#wrong = wrong
  }

  /** What ended the way. */
  failure: unknown

  get broken(): boolean {
    return this.hops.some(({ outcome }) => outcome === 'failed')
  }

  /** Takes one look; undefined when it or one before it failed. */
  async look<T>(hop: string, take: Look<T>): Promise<T | undefined> {
    if (this.broken) {
      this.hops.push({ hop, outcome: 'skipped', ms: 0, found: 'not looked at' })
      return undefined
    }
    const startedAt = this.#now()
    const ms = () => Math.round(this.#now() - startedAt)
    try {
      const { found, value, note } = await take()
      this.hops.push({
        hop,
        outcome: note === undefined ? 'ok' : 'note',
        ms: ms(),
        found,
        ...(note && { ...note, fix: typeable(note.fix) }),
      })
      return value
    } catch (error) {
      this.failure = error
      const { code, message, hint } = this.#wrong(error)
      this.hops.push({
        hop,
        outcome: 'failed',
        ms: ms(),
        found: message,
        code,
        ...(hint !== undefined && { fix: typeable(hint) }),
      })
      return undefined
    }
  }
}

/** PowerShell takes @{...} for a hash table of its own, and hands winrm.cmd its type's name. */
function typeable(fix: string): string {
  return /\bwinrm (?:set|create) [^']*@\{/.test(fix) ? `${fix} (In PowerShell put @{...} in single quotes.)` : fix
}
