/** The signs of the dashboard: one set for terminals that speak UTF-8, one in ASCII. Each is one column wide. */
export interface Glyphs {
  readonly cursor: string
  readonly mark: string
  readonly waiting: string
  /** Turned once a second; all the same in ASCII. */
  readonly running: readonly string[]
  readonly done: string
  readonly skipped: string
  readonly failed: string
  readonly blocked: string
  readonly unreachable: string
  readonly unknown: string
  readonly warning: string
  readonly folded: string
  readonly open: string
  readonly rule: string
  readonly bar: string
  readonly barEmpty: string
  readonly divider: string
  readonly ellipsis: string
  readonly arrow: string
}

export const unicodeGlyphs: Glyphs = {
  cursor: '▌',
  mark: '◆',
  waiting: '·',
  running: ['◐', '◓', '◑', '◒'],
  done: '✔',
  skipped: '○',
  failed: '✖',
  blocked: '■',
  unreachable: '!',
  unknown: '?',
  warning: '!',
  folded: '▸',
  open: '▾',
  rule: '─',
  bar: '━',
  barEmpty: '─',
  divider: '│',
  ellipsis: '…',
  arrow: '→',
}

export const asciiGlyphs: Glyphs = {
  cursor: '>',
  mark: '#',
  waiting: '.',
  running: ['*'],
  done: '+',
  skipped: 'o',
  failed: 'X',
  blocked: 'B',
  unreachable: '!',
  unknown: '?',
  warning: '!',
  folded: '+',
  open: '-',
  rule: '-',
  bar: '=',
  barEmpty: '.',
  divider: '|',
  ellipsis: '~',
  arrow: '>',
}
