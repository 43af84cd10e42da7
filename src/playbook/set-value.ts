import { type InputDocument, readDocument } from '../input/document.js'
import type { Problem, Source } from '../input/problem.js'

type Path = readonly (string | number)[]
type Mapping = Record<string, unknown>

/** How problems of `--set` name where they stand; the line is the number of the option. */
const setName = '--set'

/**
 * The playbook's document with `--set key=value` over it: `rollout.max_fail=2`, `rollout.serial=[5, 25%]`. The value is YAML. What is
 * wrong with a value that was set is then a problem of `--set`, everything else one of the file.
 */
export function withSetValues(document: InputDocument, set: readonly string[]): InputDocument {
  if (set.length === 0) return document
  const options = readOptions(set)
  if (document.value === undefined || options.value === undefined) {
    return { ...document, problems: [...document.problems, ...options.problems] }
  }
  const values = Object.entries(options.value as Mapping).map(([key, value]) => ({ key, path: key.split('.'), value }))
  const blocked: Problem[] = []
  let merged: unknown = document.value
  for (const { key, path, value } of values) {
    const next = put(merged, path, value)
    if (next === undefined) blocked.push({ ...options.at([key], 'key'), ...notAMapping(path) })
    else merged = next
  }
  return {
    ...document,
    value: merged,
    problems: [...document.problems, ...options.problems, ...blocked],
    at(path, part = 'value') {
      const own = values.findLast(found => isPrefix(found.path, path))
      if (own !== undefined) {
        const rest = path.slice(own.path.length)
        return options.at([own.key, ...rest], part)
      }
      // A key that only `--set` names, and that is wrong further up: `rolout.max_fail`.
      const below = values.find(found => isPrefix(path, found.path) && !isThere(document.value, path))
      return below === undefined ? document.at(path, part) : options.at([below.key], 'key')
    },
  }
}

/** Each option as a line `key: value` of YAML: the same columns as the words, and the places come for nothing. */
function readOptions(set: readonly string[]): InputDocument {
  const lines = set.map(word => word.replace(/\r?\n/g, ' ').replace(/^([^=]*)=\s*/, '$1: '))
  const source: Source = { name: setName, text: lines.join('\n') }
  const odd = set.flatMap((word, index): Problem[] =>
    /^[A-Za-z_]\w*(?:\.\w+)*=/.test(word)
      ? []
      : [
          {
            ...{ line: index + 1, column: 1, width: Math.max(1, word.split('=')[0]?.length ?? 1), source },
            ...{ code: 'SET_FORM', message: 'must be key=value', instead: 'rollout.max_fail=2' },
          },
        ],
  )
  if (odd.length > 0) return { file: setName, text: source.text, value: undefined, at: () => lineOne, problems: odd }
  const document = readDocument(setName, source.text)
  return {
    ...document,
    at: (path, part) => ({ ...document.at(path, part), source }),
    problems: document.problems.map(problem => ({ ...problem, source })),
  }
}

const lineOne = { line: 1, column: 1, width: 1 }

function notAMapping(path: Path): Pick<Problem, 'code' | 'message' | 'instead'> {
  return {
    code: 'SET_FORM',
    message: `"${path.slice(0, -1).join('.')}" has no keys of its own`,
    instead: `${path[0]}=VALUE, or a key of a mapping`,
  }
}

/** A copy with `value` at `path`, mappings made on the way; undefined where something else than a mapping is in the way. */
function put(target: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (target !== undefined && !isMapping(target)) return undefined
  const inner = put(own(target, step), rest, value)
  return inner === undefined ? undefined : { ...target, [step]: inner }
}

function own(target: Mapping | undefined, step: string | number): unknown {
  return target !== undefined && Object.hasOwn(target, step) ? target[step] : undefined
}

function isThere(value: unknown, path: Path): boolean {
  let at = value
  for (const step of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return false
    at = (at as Record<string | number, unknown>)[step]
  }
  return true
}

function isMapping(value: unknown): value is Mapping {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function isPrefix(start: Path, path: Path): boolean {
  return start.length <= path.length && start.every((step, index) => String(step) === String(path[index]))
}
