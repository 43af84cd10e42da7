import type { Registry } from './registry.js'
import { profileList, systemSid } from './windows-places.js'

/** What reg.exe says to a file that Windows has open, and to a hive that is not there. */
export class HiveRefusal extends Error {
  override readonly name = 'HiveRefusal'
}

/**
 * Whose part of HKEY_USERS is mounted: an account's under its SID while it is logged on, and under another name while somebody mounted the
 * file in its profile. What is in it stays in the registry under the SID all the time.
 */
export class UserHives {
  readonly #registry: Registry
  readonly #logons = new Map<string, Set<object>>()
  /** SIDs by the name that somebody mounted their file under. */
  readonly #mounts = new Map<string, string>()
  /** A process has a key of it open: it cannot be taken away. */
  readonly busy = new Set<string>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** An account logs on: its first logon makes its profile. Returns its logging off. */
  logOn({ sid, name }: { sid: string; name: string }): () => void {
    if (this.folderOf(sid) === null) {
      this.#registry.set(`${profileList}\\${sid}`, 'ProfileImagePath', `C:\\Users\\${name}`)
    }
    const logon = {}
    const logons = this.#logons.get(sid) ?? new Set()
    this.#logons.set(sid, logons.add(logon))
    return () => {
      logons.delete(logon)
    }
  }

  /** SIDs of the accounts that have a profile on this server. */
  get profiles(): string[] {
    return this.#registry.subkeys(profileList)
  }

  /** The profile's folder; null for an account that never logged on. */
  folderOf(sid: string): string | null {
    return this.#registry.text(`${profileList}\\${sid}`, 'ProfileImagePath')
  }

  /** `reg load HKU\name folder\NTUSER.DAT`. Throws `HiveRefusal`. */
  mount(name: string, folder: string): void {
    const sid = this.profiles.find(each => this.folderOf(each)?.toLowerCase() === folder.toLowerCase())
    if (sid === undefined) throw new HiveRefusal('ERROR: The system was unable to find the specified file.')
    if (this.isLoggedOn(sid) || [...this.#mounts.values()].includes(sid)) {
      throw new HiveRefusal('ERROR: The process cannot access the file because it is being used by another process.')
    }
    this.#mounts.set(name.toLowerCase(), sid)
  }

  /** `reg unload HKU\name`. Throws `HiveRefusal`. */
  dismount(name: string): void {
    const sid = this.#mounts.get(name.toLowerCase())
    if (sid === undefined) throw new HiveRefusal('ERROR: The parameter is incorrect.')
    if (this.busy.has(sid)) throw new HiveRefusal('ERROR: Access is denied.')
    this.#mounts.delete(name.toLowerCase())
  }

  isLoggedOn(sid: string): boolean {
    return (this.#logons.get(sid)?.size ?? 0) > 0
  }

  /** Names below HKEY_USERS that are there because somebody mounted a file. */
  get mounts(): string[] {
    return [...this.#mounts.keys()]
  }

  /** Where a key is kept that a process names so; null when that part of HKEY_USERS is not mounted. Other keys are kept as they are named. */
  kept(key: string): string | null {
    const [hive = '', name = '', ...path] = key.split('\\')
    if (hive.toUpperCase() !== 'HKU' || name.toUpperCase() === systemSid) return key
    const sid = this.#mounts.get(name.toLowerCase()) ?? (this.isLoggedOn(name) ? name : undefined)
    return sid === undefined ? null : ['HKU', sid, ...path].join('\\')
  }

  /** The power goes: nobody is logged on, nothing mounted stays. */
  powerOff(): void {
    this.#logons.clear()
    this.#mounts.clear()
    this.busy.clear()
  }
}
