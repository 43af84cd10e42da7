import { unlessFull } from '../world/file-system.js'
import type { LabServer } from '../world/lab-server.js'

/** Two hex digits each, the low bytes of process and thread ids, as Windows Installer prints them (msi-log-format.md, "Line kinds"). */
export interface EngineIds {
  client: string
  clientThread: string
  server: string
  serverThread: string
  /** The thread in which custom actions run. */
  customThread: string
}

/** Build of msiexec on Windows Server 2008 SP2 with Windows Installer 4.5. */
const engineBuild = '4.05.6002.00'
/** Lines in memory before they go to the disk. */
const mostLines = 400

/**
 * A verbose log as msiexec writes it (`/lxv*`): UTF-16LE with a byte order mark, CRLF, time of day in each engine line, the date in the
 * frame only. What was written is on the server's disk after `flush`.
 */
export class VerboseLog {
  readonly path: string
  readonly #server: LabServer
  readonly #ids: EngineIds
  #lines: string[] = []

  /** Opens the log: what stood there before is gone, as without `/l+`. */
  constructor(server: LabServer, path: string, ids: EngineIds) {
    this.#server = server
    this.path = path
    this.#ids = ids
    server.files.write(path, new Uint8Array())
    this.#put(Buffer.from([0xff, 0xfe]))
    this.bare(
      `=== Verbose logging started: ${this.#date()}  ${this.#time()}  Build type: SHIP UNICODE ${engineBuild}  Calling process: C:\\Windows\\system32\\msiexec.exe ===`,
    )
  }

  /** A line of the client's engine: `MSI (c) (58:50) [13:12:59:838]: text`. */
  client(...texts: string[]): void {
    for (const text of texts) this.#engine('c', this.#ids.client, ':', this.#ids.clientThread, text)
  }

  /** A line of the installer service's engine. */
  engine(...texts: string[]): void {
    for (const text of texts) this.#engine('s', this.#ids.server, ':', this.#ids.serverThread, text)
  }

  /** A line of the engine on behalf of a custom action: `!` in place of `:`. */
  custom(...texts: string[]): void {
    for (const text of texts) this.#engine('s', this.#ids.server, '!', this.#ids.customThread, text)
  }

  /** A line without a prefix. */
  bare(...texts: string[]): void {
    for (const text of texts) this.#add(text)
  }

  /** Engine lines whose times go evenly from one moment to another, in server milliseconds since 1970. */
  engineOver(texts: readonly string[], from: number, to: number): void {
    const { server, serverThread } = this.#ids
    texts.forEach((text, index) => {
      const at = from + ((to - from) * (index + 1)) / texts.length
      this.#add(`MSI (s) (${server}:${serverThread}) [${stamp(at)}]: ${text}`)
    })
  }

  actionStart(name: string): void {
    this.bare(`Action start ${this.#time()}: ${name}.`)
  }

  /** `returnValue`: 1 success, 2 cancelled, 3 fatal error. */
  actionEnded(name: string, returnValue: 1 | 2 | 3): void {
    this.bare(`Action ended ${this.#time()}: ${name}. Return value ${returnValue}.`)
  }

  /** Display text of an action that the script carries out. */
  actionText(name: string, text: string): void {
    this.bare(`Action ${this.#time()}: ${name}. ${text}`)
  }

  /** The inner frame: from where the package opened its own log. */
  innerFrame(word: 'started' | 'stopped'): void {
    this.bare(`=== Logging ${word}: ${this.#date()}  ${this.#time()} ===`)
  }

  close(): void {
    this.bare(`=== Verbose logging stopped: ${this.#date()}  ${this.#time()} ===`, '')
    this.flush()
  }

  /** Puts what was written onto the server's disk. */
  flush(): void {
    if (this.#lines.length === 0) return
    const text = `${this.#lines.join('\r\n')}\r\n`
    this.#lines = []
    this.#put(Buffer.from(text, 'utf16le'))
  }

  /** What finds no room is lost, and the installation goes on. */
  #put(bytes: Uint8Array): void {
    unlessFull(() => this.#server.files.append(this.path, bytes))
  }

  #engine(letter: 'c' | 's', process: string, mark: ':' | '!', thread: string, text: string): void {
    this.#add(`MSI (${letter}) (${process}${mark}${thread}) [${stamp(this.#now())}]: ${text}`)
  }

  #add(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length >= mostLines) this.flush()
  }

  #now(): number {
    return this.#server.clock.now().getTime()
  }

  /** Of the frame and of actions: no leading zero in the hour. */
  #time(): string {
    return stamp(this.#now()).slice(0, 8).replace(/^0/, '')
  }

  /** As the locale en-US writes it. */
  #date(): string {
    const now = this.#server.clock.now()
    return `${now.getUTCMonth() + 1}/${now.getUTCDate()}/${now.getUTCFullYear()}`
  }
}

/** `20:04:12:031` */
function stamp(at: number): string {
  const ms = Math.floor(at) % 86_400_000
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}:${String(ms % 1000).padStart(3, '0')}`
}
