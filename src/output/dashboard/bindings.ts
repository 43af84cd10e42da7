/** Where the keyboard goes; one key has one meaning in a context. */
export type Context = 'list' | 'detail' | 'log' | 'help' | 'question' | 'typing'

export type Command =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'open'
  | 'close'
  | 'log'
  | 'mark'
  | 'pause'
  | 'abort'
  | 'interrupt'
  | 'retry'
  | 'skip'
  | 'restore'
  | 'filter'
  | 'failed-only'
  | 'fold'
  | 'group'
  | 'sort'
  | 'search'
  | 'next-match'
  | 'follow'
  | 'wrap'
  | 'log-path'
  | 'help'
  | 'detach'
  | 'yes'
  | 'no'
  | 'accept'
  | 'cancel'
  | 'erase'

/** What a key may depend on. */
export interface KeyFacts {
  /** Wishes can be asked. */
  control: boolean
  paused: boolean
  stopping: boolean
  /** The run is over. */
  ended: boolean
  /** A server is under the cursor, or some are marked. */
  server: boolean
}

export interface Binding {
  command: Command
  /** As `keyName` names them. */
  keys: readonly string[]
  contexts: readonly Context[]
  /** Two words for the foot of the screen; '' keeps it off the foot. */
  label: string
  /** One sentence for the help. */
  help: string
  /** Absent: always. */
  enabled?: (facts: KeyFacts) => boolean
  /** Whether the foot shows it where it is enabled; absent: always. Elsewhere it says in words what it needs. */
  offered?: (facts: KeyFacts) => boolean
}

const reading: readonly Context[] = ['list', 'detail', 'log', 'help']
const acting: readonly Context[] = ['list', 'detail', 'log']
const running = ({ control, ended }: KeyFacts) => control && !ended
const onServer = ({ server }: KeyFacts) => server

/** Every key of the dashboard: the foot, the help and the manual's table are made of this, the order is theirs. */
export const bindings: readonly Binding[] = [
  { command: 'yes', keys: ['y'], contexts: ['question'], label: 'yes', help: 'does what was asked' },
  { command: 'no', keys: ['n', 'escape', 'q'], contexts: ['question'], label: 'no', help: 'leaves it' },
  { command: 'accept', keys: ['enter'], contexts: ['typing'], label: 'done', help: 'takes what was typed' },
  { command: 'cancel', keys: ['escape'], contexts: ['typing'], label: 'cancel', help: 'forgets it' },
  { command: 'erase', keys: ['backspace'], contexts: ['typing'], label: '', help: 'takes the last sign back' },
  {
    command: 'pause',
    keys: ['p'],
    contexts: acting,
    label: 'pause',
    help: 'no server is started; again: the run goes on',
    enabled: facts => running(facts) && !facts.stopping,
  },
  {
    command: 'abort',
    keys: ['a'],
    contexts: acting,
    label: 'abort',
    help: 'what was started is finished and restored, nothing new starts; then the run ends',
    enabled: facts => running(facts) && !facts.stopping,
  },
  {
    command: 'retry',
    keys: ['r'],
    contexts: acting,
    label: 'retry',
    help: 'takes the server, or all marked ones, up again from the failed step; asks first',
    enabled: running,
    offered: onServer,
  },
  {
    command: 'skip',
    keys: ['s'],
    contexts: acting,
    label: 'skip',
    help: 'leaves the server, or all marked ones, out of this run; asks first',
    enabled: running,
    offered: onServer,
  },
  {
    command: 'restore',
    keys: ['t'],
    contexts: acting,
    label: 'restore',
    help: 'puts changed settings of the server, or of all marked ones, back now; asks first',
    enabled: running,
    offered: onServer,
  },
  {
    command: 'open',
    keys: ['enter', 'right', 'tab'],
    contexts: ['list'],
    label: 'detail',
    help: 'opens a server or a folded group',
  },
  {
    command: 'close',
    keys: ['escape', 'left'],
    contexts: ['list'],
    label: '',
    help: 'clears filter and marks, folds a group',
  },
  {
    command: 'close',
    keys: ['escape', 'enter', 'left', 'tab'],
    contexts: ['detail', 'log', 'help'],
    label: 'back',
    help: 'goes back',
  },
  {
    command: 'log',
    keys: ['l'],
    contexts: ['list', 'detail'],
    label: 'log',
    help: 'shows the log of the server, as it grows',
    enabled: ({ server }) => server,
  },
  {
    command: 'filter',
    keys: ['/'],
    contexts: ['list'],
    label: 'filter',
    help: 'text, !text, state:failed, role:mailbox, batch:3; blanks between them mean "and"',
  },
  {
    command: 'failed-only',
    keys: ['f'],
    contexts: ['list'],
    label: 'failed',
    help: 'shows only what needs attention; again: all',
  },
  {
    command: 'fold',
    keys: ['z'],
    contexts: ['list'],
    label: 'fold',
    help: 'folds all but the active batch, then opens all, then as there is room',
  },
  { command: 'group', keys: ['g'], contexts: ['list'], label: 'group', help: 'groups by batch, role or state' },
  { command: 'sort', keys: ['o'], contexts: ['list'], label: 'sort', help: 'sorts a group by plan, name or time' },
  {
    command: 'mark',
    keys: ['space'],
    contexts: ['list'],
    label: '',
    help: 'marks a server for retry, skip and restore',
  },
  { command: 'search', keys: ['/'], contexts: ['log'], label: 'search', help: 'finds text in the log' },
  { command: 'next-match', keys: ['n'], contexts: ['log'], label: '', help: 'goes to the next place with that text' },
  {
    command: 'follow',
    keys: ['f'],
    contexts: ['log'],
    label: 'follow',
    help: 'stays at the end of the log, or stops doing so',
  },
  { command: 'wrap', keys: ['w'], contexts: ['log'], label: 'wrap', help: 'breaks long lines, or cuts them' },
  { command: 'log-path', keys: ['o'], contexts: ['log'], label: '', help: 'says where the log is' },
  { command: 'up', keys: ['up', 'k'], contexts: reading, label: '', help: 'moves up' },
  { command: 'down', keys: ['down', 'j'], contexts: reading, label: '', help: 'moves down' },
  { command: 'page-up', keys: ['pageup', 'ctrl+b'], contexts: reading, label: '', help: 'moves up a screen' },
  { command: 'page-down', keys: ['pagedown', 'ctrl+f'], contexts: reading, label: '', help: 'moves down a screen' },
  { command: 'first', keys: ['home'], contexts: ['list', 'detail', 'help'], label: '', help: 'goes to the beginning' },
  { command: 'first', keys: ['home', 'g'], contexts: ['log'], label: '', help: 'goes to the beginning of the log' },
  { command: 'last', keys: ['end', 'G'], contexts: reading, label: '', help: 'goes to the end' },
  { command: 'help', keys: ['?', 'h'], contexts: reading, label: 'help', help: 'shows this list; again: goes back' },
  {
    command: 'detach',
    keys: ['q'],
    contexts: reading,
    label: 'leave',
    help: 'leaves the dashboard; the run goes on, `exroll watch` comes back to it',
  },
  {
    command: 'interrupt',
    keys: ['ctrl+c'],
    contexts: ['list', 'detail', 'log', 'help', 'question', 'typing'],
    label: '',
    help: 'once: like a; twice: leaves at once, the guards on the servers put everything back',
  },
]
