import { PassThrough, Writable } from 'node:stream'
import xterm from '@xterm/headless'

/** A keyboard that is typed on by a test. */
export class FakeKeyboard extends PassThrough {
  readonly isTTY = true
  isRaw = false

  setRawMode(mode: boolean): this {
    this.isRaw = mode
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  type(keys: string): void {
    this.write(keys)
  }
}

/** A terminal without a window: what is written to it can be read off its screen. */
export class FakeTerminal extends Writable {
  readonly isTTY = true
  columns: number
  rows: number
  /** Everything that was ever written. */
  raw = ''
  readonly #emulator: xterm.Terminal

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false })
    this.columns = columns
    this.rows = rows
    this.#emulator = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      convertEol: true,
      scrollback: 1000,
    })
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.raw += chunk.toString()
    this.#emulator.write(chunk.toString(), done)
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows)
    this.columns = columns
    this.rows = rows
    this.emit('resize')
  }

  /** Resolves when all that was written is on the screen. */
  settled(): Promise<void> {
    return new Promise(resolve => this.write('', () => resolve()))
  }

  /** The lines on the screen, without blanks at their ends. */
  screen(): string[] {
    const { active } = this.#emulator.buffer
    return Array.from(
      { length: this.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    )
  }

  /** Scrollback and screen of the ordinary buffer. */
  ordinary(): string[] {
    const { normal } = this.#emulator.buffer
    return Array.from({ length: normal.length }, (_, row) => normal.getLine(row)?.translateToString(true) ?? '')
  }

  get onAlternateScreen(): boolean {
    return this.#emulator.buffer.active.type === 'alternate'
  }

  /** The last word of the cursor: DEC private mode 25. */
  get cursorShown(): boolean {
    return this.raw.lastIndexOf('\u001b[?25h') > this.raw.lastIndexOf('\u001b[?25l')
  }
}
