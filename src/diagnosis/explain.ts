import type { LogKind } from './finding.js'
import { redHerringRules } from './red-herrings.js'
import type { Rule } from './rule.js'
import { aboutUnknown, unknownId } from './unknown.js'

/** What `--rules` and `--explain` tell of an id. */
export interface Explanation {
  id: string
  type: 'cause' | 'red-herring'
  title: string
  /** What it is, and how it shows in a log. */
  about: string
  kinds: readonly LogKind[]
  /** What to do, a step each; nothing for a red herring. */
  remedy: readonly string[]
  fix?: string
}

const allKinds: readonly LogKind[] = ['msi', 'exchange-setup', 'service-control', 'update-cas', 'events', 'unknown']

/** Everything a diagnosis can name, once each: causes in the order of the rules, `unknown`, then red herrings. */
export function explanations(rules: readonly Rule[]): Explanation[] {
  const causes = [...new Set(rules.map(({ id }) => id))].map(id =>
    ofCause(
      id,
      rules.filter(rule => rule.id === id),
    ),
  )
  const unknown: Explanation = {
    id: unknownId,
    type: 'cause',
    title: 'A failure that no rule knows',
    about: aboutUnknown,
    kinds: allKinds,
    remedy: ['Read the lines shown, fetch the file named, and look further there.'],
  }
  const herrings = redHerringRules.map(
    ({ id, why, kinds }): Explanation => ({ id, type: 'red-herring', title: why, about: why, kinds, remedy: [] }),
  )
  return [...causes, unknown, ...herrings]
}

/** Several rules may find one cause, each in its own kind of log. */
function ofCause(id: string, rules: readonly Rule[]): Explanation {
  const fix = rules.find(rule => rule.fix !== undefined)?.fix
  return {
    id,
    type: 'cause',
    title: rules[0]?.title ?? '',
    about: [...new Set(rules.map(({ about }) => about))].join(' '),
    kinds: [...new Set(rules.flatMap(({ kinds }) => kinds))],
    remedy: rules[0]?.remedy ?? [],
    ...(fix === undefined ? {} : { fix }),
  }
}
