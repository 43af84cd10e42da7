import { absoluteBlocks } from '../events/absolute-blocks.js'
import type { InputDocument, Place } from '../input/document.js'
import { parseDuration } from '../input/duration.js'
import { didYouMean } from '../input/near.js'
import type { Problem } from '../input/problem.js'
import { asLayer } from '../inventory/merge.js'
import { blockNames, isBlockName } from './blocks.js'
import type { Action } from './model.js'

/** Actions that put a package on servers or take it off by its code. */
const needUpdate: readonly unknown[] = ['apply', 'uninstall', 'stage'] satisfies Action[]

type Wrong = Pick<Problem, 'code' | 'message' | 'instead'>

/**
 * What no schema of one place can see: an update that is missing, entries that are there twice, blocks that do not exist or cannot be let
 * through, times that contradict each other. Works on the plain value, so that it says its part in a file that has other problems too.
 */
export function crossCheck(document: InputDocument): Problem[] {
  const playbook = asLayer(document.value)
  const problems: Problem[] = []
  const report = (path: (string | number)[], wrong: Wrong): void => {
    problems.push({ ...document.at(path), ...wrong })
  }
  if (needUpdate.includes(playbook.action) && playbook.update === undefined && !misspelt('update', playbook)) {
    const message = `"update" is missing: ${String(playbook.action)} needs to know the package`
    report(['action'], { code: 'MISSING_KEY', message, instead: 'update: { file: PATH.msp, sha256: 64 hex digits }' })
  }
  const rollout = asLayer(playbook.rollout)
  const lists: [path: string[], value: unknown][] = [
    [['rollout', 'order'], rollout.order],
    [['rollout', 'between', 'health'], asLayer(rollout.between).health],
    [['allow'], playbook.allow],
    [['verify'], playbook.verify],
    [['collect'], playbook.collect],
  ]
  for (const [path, value] of lists) {
    for (const at of twice(value)) report([...path, at], { ...thereTwice, message: `${path.at(-1)} has this twice` })
  }
  for (const [at, entry] of entries(playbook.allow)) {
    const wrong = typeof entry === 'string' ? checkAllowEntry(entry) : undefined
    if (wrong !== undefined) report(['allow', at], wrong)
  }
  checkWindows(rollout.windows, report)
  checkStall(asLayer(playbook.install), report)
  checkShare(asLayer(playbook.update), report)
  return problems
}

const thereTwice = { code: 'DUPLICATE_ENTRY', instead: 'each entry once' }

/** What is wrong with the words of `--allow`, which go to the same list. */
export function checkAllowOptions(allow: readonly string[]): Problem[] {
  const source = { name: '--allow', text: allow.join('\n') }
  return allow.flatMap((entry, index): Problem[] => {
    const wrong = checkAllowEntry(entry)
    const place: Place = { line: index + 1, column: 1, width: Math.max(1, entry.length), source }
    return wrong === undefined ? [] : [{ ...place, ...wrong }]
  })
}

/** `BLOCK` or `BLOCK@server`: a name that no check has would let nothing through, at night, without a word. */
function checkAllowEntry(entry: string): Wrong | undefined {
  const [name = '', server] = entry.split('@', 2)
  if (!isBlockName(name)) {
    const near = didYouMean(name, blockNames)
    const meant = near === undefined ? '' : `, did you mean "${near}"?`
    const instead = near === undefined ? `one of: ${blockNames.join(', ')}` : withServer(near, server)
    return { code: 'BLOCK_UNKNOWN', message: `there is no block "${name.slice(0, 60)}"${meant}`, instead }
  }
  if (absoluteBlocks.has(name)) {
    const message = `${name} cannot be let through: going on is not possible then`
    return { code: 'BLOCK_ABSOLUTE', message, instead: 'nothing: leave it out, and cure what precheck names' }
  }
  return server === ''
    ? { code: 'BLOCK_UNKNOWN', message: 'no server after the @', instead: `${name} | ${name}@ex-cas-01` }
    : undefined
}

function withServer(block: string, server: string | undefined): string {
  return server === undefined ? block : `${block}@${server}`
}

type Report = (path: (string | number)[], wrong: Wrong) => void

function checkWindows(windows: unknown, report: Report): void {
  for (const [at, window] of entries(windows)) {
    const { from, to, tz } = asLayer(window)
    if (typeof from === 'string' && from === to) {
      const message = 'the window ends when it begins'
      report(['rollout', 'windows', at, 'to'], { code: 'WINDOW_EMPTY', message, instead: 'another time' })
    }
    if (typeof tz === 'string' && !isTimeZone(tz)) {
      const message = `there is no time zone "${tz.slice(0, 60)}"`
      const instead = didYouMean(tz, Intl.supportedValuesOf('timeZone')) ?? 'an IANA name: Europe/Berlin'
      report(['rollout', 'windows', at, 'tz'], { code: 'TIME_ZONE_UNKNOWN', message, instead })
    }
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return false
  }
}

/** A stall that comes after the time-out would never be noticed as one. */
function checkStall(install: Readonly<Record<string, unknown>>, report: Report): void {
  const { timeout = '2h', stall_after: stall = '25m' } = install
  const [whole, quiet] = [timeout, stall].map(text => (typeof text === 'string' ? parseDuration(text) : undefined))
  if (whole === undefined || quiet === undefined || quiet < whole) return
  report(['install', install.stall_after === undefined ? 'timeout' : 'stall_after'], {
    code: 'STALL_AFTER_TIMEOUT',
    message: `stall_after (${String(stall)}) is not shorter than timeout (${String(timeout)})`,
    instead: 'stall_after: 25m with timeout: 2h',
  })
}

/** The package keeps its name on the server, and what lies in the share has to be the file whose facts are read. */
function checkShare({ file, share }: Readonly<Record<string, unknown>>, report: Report): void {
  if (typeof file !== 'string' || typeof share !== 'string' || !share.startsWith('\\\\')) return
  const [wanted, found] = [file, share].map(path => path.split(/[\\/]/).at(-1) ?? '')
  if (wanted === undefined || wanted.toLowerCase() === found?.toLowerCase()) return
  report(['update', 'share'], {
    code: 'SHARE_OTHER_FILE',
    message: `share does not end in the name of the file, ${wanted.slice(0, 80)}`,
    instead: `\\\\server\\share\\${wanted.slice(0, 80)}`,
  })
}

function* entries(list: unknown): Generator<[number, unknown]> {
  if (Array.isArray(list)) yield* list.entries()
}

/** Where the later ones of equal entries stand. */
function twice(list: unknown): number[] {
  return [...entries(list)]
    .filter(([at, entry]) => typeof entry === 'string' && Array.isArray(list) && list.indexOf(entry) < at)
    .map(([at]) => at)
}

/** A misspelt key is one mistake: that the right one is missing then is its echo. */
function misspelt(key: string, mapping: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(mapping).some(word => didYouMean(word, [key]) !== undefined)
}
