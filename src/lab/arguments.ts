import { UsageError } from '../errors.js'
import { fleetNames } from './fleet.js'
import { type Fault, type FaultName, faultNames, type LabOptions, type LabShare } from './model.js'

export interface LabArguments {
  servers: string
  fault?: string[]
  seed: string
  timeScale: string
  installSeconds?: string
  transport?: 'ssh' | 'winrm' | 'mixed'
  engine?: 'model' | 'powershell'
  share?: string
}

const mostServers = 1000

/** What `lab up` was asked for. Throws one `UsageError` (`LAB_OPTIONS`) that names everything that is wrong with it. */
export function parseLabOptions(given: LabArguments): LabOptions {
  const wrong: string[] = []
  const number = (option: string, text: string, fits: (value: number) => boolean, words: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!Number.isFinite(value) || !fits(value)) wrong.push(`${option} ${text}: ${words}`)
    return value
  }
  const whole = (value: number): boolean => Number.isSafeInteger(value)
  const servers = number(
    '--servers',
    given.servers,
    value => whole(value) && value >= 1 && value <= mostServers,
    `must be a whole number from 1 to ${mostServers}`,
  )
  const seed = number('--seed', given.seed, value => whole(value) && value >= 0, 'must be a whole number, 0 or more')
  const timeScale = number('--time-scale', given.timeScale, value => value > 0, 'must be a number above 0')
  const installSeconds =
    given.installSeconds === undefined
      ? undefined
      : number('--install-seconds', given.installSeconds, value => value >= 0, 'must be a number, 0 or more')
  const names = servers >= 1 && servers <= mostServers ? fleetNames(Math.floor(servers)) : []
  const faults = (given.fault ?? []).map(text => parseFault(text, names, wrong))
  const share = given.share === undefined ? undefined : parseShare(given.share, wrong)
  if (wrong.length > 0) {
    throw new UsageError(wrong.join('\n       '), {
      code: 'LAB_OPTIONS',
      hint: 'exroll lab up --help lists the faults',
    })
  }
  const { transport = 'ssh', engine = 'model' } = given
  const options: LabOptions = {
    servers,
    seed,
    timeScale,
    faults: faults.filter(fault => fault !== undefined),
    transport,
    engine,
    ...(share === undefined ? {} : { share }),
  }
  return installSeconds === undefined ? options : { ...options, installSeconds }
}

/** `restore-refused@SERVER`, the one fault that can be lifted while the lab runs. */
export function parseRestoreAllowance(text: string): { fault: 'restore-refused'; server: string } {
  const [fault, server, ...more] = text.split('@')
  if (fault === 'restore-refused' && server !== undefined && server !== '' && more.length === 0)
    return { fault, server }
  throw new UsageError(`lab allow ${text}: only restore-refused@SERVER can be lifted.`, {
    code: 'LAB_OPTIONS',
    hint: 'exroll lab allow restore-refused@ex-mbx-01 --inventory FILE',
  })
}

function parseShare(text: string, wrong: string[]): LabShare | undefined {
  const { unc, folder } = /^(?<unc>\\\\[^\\/=]+\\[^\\/=]+)=(?<folder>.+)$/.exec(text)?.groups ?? {}
  if (unc !== undefined && folder !== undefined) return { unc, folder }
  wrong.push(`--share ${text}: must be \\\\SERVER\\SHARE=FOLDER`)
  return undefined
}

function parseFault(text: string, names: readonly string[], wrong: string[]): Fault | undefined {
  const at = text.indexOf('@')
  const name = at < 0 ? text : text.slice(0, at)
  const server = at < 0 ? undefined : text.slice(at + 1)
  const known = faultNames.find(one => one === name)
  if (known === undefined) wrong.push(`--fault ${text}: there is no fault "${name}"${didYouMean(name, faultNames)}`)
  const found = server === undefined || names.length === 0 || names.includes(server)
  if (!found)
    wrong.push(`--fault ${text}: there is no server "${server}" among the ${names.length}${didYouMean(server, names)}`)
  return known === undefined || !found ? undefined : faultOf(known, server)
}

function faultOf(name: FaultName, server: string | undefined): Fault {
  return server === undefined ? { name } : { name, server }
}

function didYouMean(word: string, candidates: readonly string[]): string {
  const near = candidates
    .map(candidate => ({ candidate, edits: edits(word.toLowerCase(), candidate) }))
    .sort((a, b) => a.edits - b.edits)[0]
  return near !== undefined && near.edits <= Math.max(2, word.length / 3) ? `, did you mean "${near.candidate}"?` : ''
}

/** Levenshtein's distance. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[line - 1] === to[column - 1] ? 0 : 1
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, (row[column - 1] ?? 0) + same))
    }
    row = next
  }
  return row[to.length] ?? 0
}
