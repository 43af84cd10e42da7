import { codeMeaning } from './codes.js'
import type { Attempt, Cause, DiagnosedFile, Diagnosis, LogKind, RedHerring } from './finding.js'
import { rankCauses } from './rank.js'
import { redHerringRules } from './red-herrings.js'
import { tellingWords } from './telling-words.js'
import { cut, type Layout, wrap } from './wrap.js'

export interface ReportOptions {
  /** Columns of the terminal. */
  width: number
  /** Makes text of a log safe for where it goes. */
  safe: (text: string) => string
  /** Words that the rules of a cause look for: they are marked in the lines that prove it. */
  watched?: (id: string) => readonly string[]
}

interface Page extends Layout {
  watched: (id: string) => readonly string[]
}

/**
 * A diagnosis for people: the verdict in the first line, then each log with its attempts, their causes, the lines that prove them,
 * what to do, and what was set aside and why. Ends with a line end.
 */
export function reportText(diagnosis: Diagnosis, options: ReportOptions): string {
  const layout: Page = { width: options.width, safe: options.safe, watched: options.watched ?? (() => []) }
  const blocks = [wrap(verdictOf(diagnosis), layout), ...diagnosis.files.map(file => fileLines(file, layout))]
  return `${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`
}

/** What the logs come to, in a sentence. */
export function verdictOf(diagnosis: Diagnosis): string {
  const last = diagnosis.files.flatMap(({ attempts }) => attempts.slice(-1))
  const all = diagnosis.files.flatMap(({ attempts }) => attempts)
  const [best] = rankCauses(diagnosis)
  const named =
    best === undefined ? '' : `: ${best.cause.title}${best.cause.id === 'unknown' ? '' : ` (${best.cause.confidence})`}`
  if (all.length === 0) return 'unreadable: no installation attempt of a kind that exroll knows is in here'
  if (last.some(({ outcome }) => outcome === 'failed')) return `failed${named}`
  if (last.some(({ outcome }) => outcome === 'incomplete')) {
    return `incomplete${best === undefined ? ': the log ends before the installation does' : named}`
  }
  const earlier = all.filter(({ outcome }) => outcome === 'failed').length
  if (earlier > 0) return `failed before: the last attempt succeeded, ${counted(earlier, 'earlier one')} failed`
  return best === undefined ? 'no failure' : `succeeded, but${named.slice(1)}`
}

function fileLines({ path, kind, encoding, lines, attempts }: DiagnosedFile, layout: Page): string[] {
  const head = `${path}: ${kind === 'unknown' ? 'no log that exroll knows' : kind}, ${encoding}, ${counted(lines, 'line')}`
  const body = attempts.flatMap((attempt, i) =>
    attemptLines(
      attempt,
      { kind, lead: attempts.length === 1 ? '' : `Attempt ${i + 1} of ${attempts.length}: ` },
      layout,
    ),
  )
  return [...wrap(head, layout), ...body]
}

function attemptLines(attempt: Attempt, { kind, lead }: { kind: LogKind; lead: string }, layout: Page): string[] {
  const { exitCode, firstFailure, redHerrings, causes } = attempt
  const what = [attempt.product, attempt.update, attempt.update?.includes(attempt.kb ?? ' ') ? undefined : attempt.kb]
  const name = what.filter(part => part !== undefined).join(', ')
  const code = exitCode === null ? '' : `, exit code ${exitCode} (${codeMeaning(exitCode)})`
  const outcome = `${lead}${name === '' ? '' : `${name}: `}${attempt.outcome}${code}`
  const where = firstFailure === undefined ? [] : wrap(whereOf(firstFailure, kind), indented(layout, 2))
  return [
    ...wrap(outcome, indented(layout, 2)),
    ...where,
    ...causes.flatMap(cause => causeLines(cause, layout)),
    ...gapLines(attempt, layout),
    ...asideLines(redHerrings, layout),
  ]
}

/** Only Windows Installer has return values; for other logs the number is ours. */
function whereOf({ line, action, returnValue }: NonNullable<Attempt['firstFailure']>, kind: LogKind): string {
  return `First failure: line ${line}, ${action}${kind === 'msi' ? `, return value ${returnValue}` : ''}`
}

function causeLines(cause: Cause, layout: Page): string[] {
  const gutter = Math.max(...cause.evidence.map(({ line }) => String(line).length), 1)
  const mark = tellingWords(layout.watched(cause.id))
  const sure = cause.id === 'unknown' ? 'unknown' : `${cause.confidence}, ${cause.id}`
  return [
    '',
    ...wrap(`Cause (${sure}): ${cause.title}`, { ...layout, indent: 2, hanging: 4 }),
    ...cause.evidence.flatMap(({ line, text }) => {
      const shown = `${String(line).padStart(gutter)}  ${layout.safe(text)}`
      return cut(shown, { ...layout, indent: 4, hanging: 6 + gutter }, mark(shown))
    }),
    ...(cause.remedy.length === 0 ? [] : ['  What to do:']),
    ...cause.remedy.flatMap((step, i) => wrap(`${i + 1}. ${step}`, { ...layout, indent: 4, hanging: 7 })),
    ...(cause.fix === undefined ? [] : ['  With exroll:', ...wrap(cause.fix, indented(layout, 4))]),
  ]
}

function asideLines(redHerrings: readonly RedHerring[], layout: Layout): string[] {
  if (redHerrings.length === 0) return []
  const lines = redHerrings.flatMap(({ id, lines: at }) => {
    const why = redHerringRules.find(rule => rule.id === id)?.why ?? ''
    return wrap(`${id}, ${at.length === 1 ? 'line' : 'lines'} ${listed(at)}. ${why}`, {
      ...layout,
      indent: 4,
      hanging: 6,
    })
  })
  return ['', ...wrap('Set aside, because it looks like a cause and is none:', indented(layout, 2)), ...lines]
}

/** Where the time went: worth a table when something hung, or waited for minutes. */
function gapLines({ gaps = [], outcome }: Attempt, layout: Layout): string[] {
  const shown = outcome === 'incomplete' ? gaps : gaps.filter(({ seconds }) => seconds >= longWait)
  if (shown.length === 0) return []
  const rows = shown.flatMap(({ seconds, line, action, phase }) => {
    const where = phase === undefined ? (action ?? 'no action') : `${phase} (${action ?? 'no action'})`
    return cut(`${clock(seconds).padStart(7)}  ${String(line).padStart(10)}  ${where}`, {
      ...layout,
      indent: 4,
      hanging: 25,
    })
  })
  return [
    '',
    ...wrap('Times in which nothing was written:', indented(layout, 2)),
    '    longest  after line  in',
    ...rows,
  ]
}

const longWait = 300

/** `1:02:33` or `10:05`. */
function clock(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const tail = `${String(minutes).padStart(hours > 0 ? 2 : 1, '0')}:${String(rest).padStart(2, '0')}`
  return hours > 0 ? `${hours}:${tail}` : tail
}

const numbersShown = 8

function listed(lines: readonly number[]): string {
  const more = lines.length - numbersShown
  return `${lines.slice(0, numbersShown).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function indented(layout: Layout, indent: number): Layout {
  return { ...layout, indent, hanging: indent + 2 }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
