/** How the dashboard is to look and to end, settled before anything is drawn. */
export interface DashboardOptions {
  /** Signs in ASCII. */
  ascii: boolean
  color: boolean
  /** Lines of text and typed words in place of a picture. */
  screenReader: boolean
  /** Frames a second at most. */
  fps: number
  /** What happens once `run.finished` was drawn: back to the shell, or wait for `q`. */
  atEnd: 'leave' | 'stay'
}

type Environment = Readonly<Record<string, string | undefined>>

export interface DashboardFlags {
  atEnd?: 'leave' | 'stay'
  ascii?: boolean
  screenReader?: boolean
  fps?: number
}

/** What the environment says of the terminal: NO_COLOR, FORCE_COLOR, TERM, the locale, INK_SCREEN_READER, EXROLL_ACCESSIBLE. */
export function dashboardOptions(env: Environment, flags: DashboardFlags = {}): DashboardOptions {
  return {
    ascii: flags.ascii ?? !speaksUtf8(env),
    color: wantsColor(env),
    screenReader: flags.screenReader ?? (env.INK_SCREEN_READER === 'true' || isOn(env.EXROLL_ACCESSIBLE)),
    fps: flags.fps ?? 10,
    atEnd: flags.atEnd ?? 'leave',
  }
}

/** What `--ui auto` means here. */
export function autoUi({
  stdinIsTerminal,
  stderrIsTerminal,
  env,
}: {
  stdinIsTerminal: boolean
  stderrIsTerminal: boolean
  env: Environment
}): 'dashboard' | 'plain' {
  return stdinIsTerminal && stderrIsTerminal && !isOn(env.CI) && env.TERM !== 'dumb' ? 'dashboard' : 'plain'
}

/** FORCE_COLOR wins over NO_COLOR, as Node itself has it. */
function wantsColor(env: Environment): boolean {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
}

/** The locale decides; Windows names none, but says so where its terminal is the modern one. The Linux console has few signs. */
function speaksUtf8(env: Environment): boolean {
  if (env.TERM === 'linux' || env.TERM === 'dumb') return false
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find(value => value !== undefined && value !== '')
  if (locale !== undefined) return /utf-?8/i.test(locale)
  return env.WT_SESSION !== undefined || env.TERM_PROGRAM === 'vscode'
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false'
}
