import type { ChangeCounter } from './change-counter.js'

export type RegistryKind = 'REG_SZ' | 'REG_DWORD' | 'REG_MULTI_SZ'
export type RegistryData = string | number | string[]

/** `64` is what a 64-bit process sees, `32` is what a 32-bit process sees (`Wow6432Node`). */
export type RegistryView = '64' | '32'

interface Value {
  name: string
  kind: RegistryKind
  data: RegistryData
}

/** Thrown by a write that the key's access list does not allow (error 5). */
export class AccessDenied extends Error {
  constructor(key: string) {
    super(`Access to the registry key '${key}' is denied.`)
    this.name = 'AccessDenied'
  }
}

/** Says no to a write or delete of a value; `data` is null for a delete. */
export type RegistryDenial = (key: string, name: string, data: RegistryData | null) => boolean

/** A server's registry: `HKLM\...` and `HKU\<sid>\...`, names without case, two views of `HKLM\SOFTWARE`. */
export class Registry {
  readonly #changes: ChangeCounter
  readonly #keys = new Map<string, { path: string; values: Map<string, Value> }>()
  readonly #denials = new Map<string, RegistryDenial>()

  constructor(changes: ChangeCounter) {
    this.#changes = changes
  }

  /** Undefined is absence, of the value or of its key. */
  get(key: string, name: string, view: RegistryView = '64'): RegistryData | undefined {
    return this.#keys.get(identity(key, view))?.values.get(name.toLowerCase())?.data
  }

  text(key: string, name: string, view: RegistryView = '64'): string | null {
    const data = this.get(key, name, view)
    return typeof data === 'string' ? data : null
  }

  number(key: string, name: string, view: RegistryView = '64'): number | null {
    const data = this.get(key, name, view)
    return typeof data === 'number' ? data : null
  }

  has(key: string, view: RegistryView = '64'): boolean {
    const wanted = identity(key, view)
    return this.#keys.has(wanted) || [...this.#keys.keys()].some(known => known.startsWith(`${wanted}\\`))
  }

  /** Names of the keys right below, in the order they were made. */
  subkeys(key: string, view: RegistryView = '64'): string[] {
    const prefix = `${identity(key, view)}\\`
    const depth = key.split('\\').length
    const found = new Map<string, string>()
    for (const [known, { path }] of this.#keys) {
      if (!known.startsWith(prefix)) continue
      const name = path.split('\\')[depth]
      if (name !== undefined) found.set(name.toLowerCase(), name)
    }
    return [...found.values()]
  }

  /** Throws `AccessDenied`. The kind follows from the data. */
  set(key: string, name: string, data: RegistryData, view: RegistryView = '64'): void {
    this.#ask(key, name, data)
    const id = identity(key, view)
    let entry = this.#keys.get(id)
    if (entry === undefined) {
      entry = { path: key, values: new Map() }
      this.#keys.set(id, entry)
    }
    const kind = typeof data === 'number' ? 'REG_DWORD' : typeof data === 'string' ? 'REG_SZ' : 'REG_MULTI_SZ'
    entry.values.set(name.toLowerCase(), { name, kind, data })
    this.#changes.note()
  }

  /** Takes a value away; nothing happens when it is not there. Throws `AccessDenied`. */
  delete(key: string, name: string, view: RegistryView = '64'): void {
    const entry = this.#keys.get(identity(key, view))
    if (entry?.values.has(name.toLowerCase()) !== true) return
    this.#ask(key, name, null)
    entry.values.delete(name.toLowerCase())
    this.#changes.note()
  }

  /** Takes a key and all below it away. */
  deleteKey(key: string, view: RegistryView = '64'): void {
    const id = identity(key, view)
    for (const known of [...this.#keys.keys()]) {
      if (known !== id && !known.startsWith(`${id}\\`)) continue
      this.#keys.delete(known)
      this.#changes.note()
    }
  }

  /** From now on `denial` is asked before each write; `lift` takes it away again. */
  deny(name: string, denial: RegistryDenial): void {
    this.#denials.set(name, denial)
  }

  lift(name: string): boolean {
    return this.#denials.delete(name)
  }

  /** Every value as a line, sorted: for the server's digest. */
  lines(): string[] {
    const lines: string[] = []
    for (const [id, { values }] of this.#keys) {
      for (const [name, { kind, data }] of values) lines.push(`${id}\\${name} ${kind} ${JSON.stringify(data)}`)
    }
    return lines.sort()
  }

  #ask(key: string, name: string, data: RegistryData | null): void {
    for (const denial of this.#denials.values()) {
      if (denial(key, name, data)) throw new AccessDenied(key)
    }
  }
}

function identity(key: string, view: RegistryView): string {
  const id = key.toLowerCase()
  // Only HKLM\SOFTWARE is redirected for 32-bit processes (windows-target.md, "Registry views").
  return view === '32' && id.startsWith('hklm\\software\\') ? `32:${id}` : id
}
