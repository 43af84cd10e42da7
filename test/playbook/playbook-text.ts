import { InputError, type Problem } from '../../src/input/problem.js'
import type { Playbook } from '../../src/playbook/model.js'
import { type PlaybookOptions, parsePlaybook } from '../../src/playbook/parse.js'

export const file = '/fleet/playbooks/roll.yaml'

/** The smallest playbook that is whole, and more lines of it. */
export function playbookText(...lines: string[]): string {
  return ['name: Rollup', 'action: apply', 'update: { file: ../u/KB1.msp }', ...lines].join('\n')
}

export function parse(text: string, options: PlaybookOptions = {}): Playbook {
  return parsePlaybook(text, file, options)
}

/** The error that this text is refused with. */
export function thrown(text: string, options: PlaybookOptions = {}): InputError {
  try {
    parse(text, options)
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
  throw new Error(`nothing was wrong with:\n${text}`)
}

export function problemsOf(text: string, options: PlaybookOptions = {}): readonly Problem[] {
  return thrown(text, options).problems
}
