/** What a piece of text means. Nothing outside this file knows a colour. */
export type Tone =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'running'
  | 'done'
  | 'failed'
  | 'blocked'
  | 'unreachable'
  | 'unknown'
  | 'warning'
  | 'stuck'
  | 'heading'
  | 'key'
  | 'cursor'

/**
 * Select Graphic Rendition parameters (ECMA-48, 8.3.117). Only the sixteen colours that follow the operator's palette; cyan against
 * red can be told apart by most colour-blind people where green against red cannot.
 */
const colors: Record<Tone, string> = {
  plain: '',
  dim: '2',
  strong: '1',
  running: '1',
  done: '36',
  failed: '1;31',
  blocked: '1;31',
  unreachable: '1;35',
  unknown: '1;33',
  warning: '33',
  stuck: '1;7;31',
  heading: '1',
  key: '1;36',
  cursor: '1;36',
}

/** Without colour: weight only, and inverse for the one thing that must not be missed. */
const weights: Record<Tone, string> = {
  ...colors,
  done: '',
  failed: '1',
  blocked: '1',
  unreachable: '1',
  unknown: '1',
  warning: '',
  stuck: '1;7',
  key: '1',
  cursor: '1',
}

export interface Theme {
  /** SGR parameters by meaning; '' is the terminal's own look. */
  readonly codes: Readonly<Record<Tone, string>>
}

export const colorTheme: Theme = { codes: colors }
export const plainTheme: Theme = { codes: weights }
