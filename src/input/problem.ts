import { UsageError } from '../errors.js'
import { type MaskedLine, maskedLines } from './secret-mask.js'

/** One thing that is wrong in a file. Lines and columns start at 1. */
export interface Problem {
  code: string
  line: number
  column: number
  /** Characters to underline, at least 1. */
  width: number
  /** What is wrong. Never holds a secret. */
  message: string
  /** What to write instead. */
  instead: string
  /** The text it stands in where that is not the file itself: the words of `--set`. */
  source?: Source
}

/** A text with a name of its own, as the problems in it show them. */
export interface Source {
  name: string
  text: string
}

/** Thrown with all the problems of a file at once. Code `INPUT_INVALID`, exit 3: nothing was contacted. */
export class InputError extends UsageError {
  readonly problems: readonly Problem[]
  readonly file: string

  constructor(file: string, text: string, problems: readonly Problem[]) {
    super(render(file, text, problems), {
      code: 'INPUT_INVALID',
      hint: 'Correct the places above. Nothing was contacted.',
    })
    this.file = file
    this.problems = problems
  }
}

/**
 * The error that shows every problem of `file` as `file:line:column: message`, the source line, a caret and what to write
 * instead, sorted by position and each once. Secrets in the quoted lines are masked.
 */
export function inputError(file: string, text: string, problems: Problem[]): InputError {
  const key = ({ source, line, column, message }: Problem) => `${source?.name ?? ''} ${line} ${column} ${message}`
  const once = new Map(problems.map(problem => [key(problem), problem]))
  const sorted = [...once.values()].sort(
    (a, b) => compare(a.source?.name ?? '', b.source?.name ?? '') || a.line - b.line || a.column - b.column,
  )
  return new InputError(file, text, sorted)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function render(file: string, text: string, problems: readonly Problem[]): string {
  const lines = new Map([[file, maskedLines(text)]])
  for (const { source } of problems) {
    if (source !== undefined && !lines.has(source.name)) lines.set(source.name, maskedLines(source.text))
  }
  const names = new Set(problems.map(({ source }) => source?.name ?? file))
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  const title = `${[...names].join(' and ')} ${names.size === 1 ? 'has' : 'have'} ${count}`
  const told = problems.map(problem => {
    const name = problem.source?.name ?? file
    return renderOne(name, lines.get(name)?.[problem.line - 1], problem)
  })
  return [title, ...told].join('\n\n')
}

/** Characters of a source line that are shown; of a longer one, those around the caret. */
const shownWidth = 120

function renderOne(
  file: string,
  masked: MaskedLine | undefined,
  { line, column, width, message, instead }: Problem,
): string {
  const source = masked?.text ?? ''
  const first = (masked?.columnOf(column) ?? 1) - 1
  const last = Math.max(first + 1, (masked?.columnOf(column + width) ?? 1) - 1)
  const start = source.length <= shownWidth ? 0 : Math.max(0, first - shownWidth / 2)
  const cut = printable(source.slice(start, start + shownWidth))
  const caret = Math.max(0, Math.min(first - start, cut.length))
  const carets = '^'.repeat(Math.max(1, Math.min(last - first, cut.length - caret)))
  const gutter = ' '.repeat(String(line).length)
  return [
    `${file}:${line}:${column}: ${message}`,
    `  ${line} | ${cut}`,
    `  ${gutter} | ${' '.repeat(caret)}${carets}`,
    `  write: ${instead}`,
  ].join('\n')
}

/** A file is shown on a terminal: its escape sequences must not act, and a tab must be as wide as its caret. */
function printable(source: string): string {
  return source.replace(/\p{C}/gu, one => (one === '\t' ? ' ' : '?'.repeat(one.length)))
}
