import type { AttemptView, RuleMatch } from './rule.js'
import { serviceNamed } from './service-name.js'
import { said, stated } from './stated.js'

/** A failure that a log states in those phrases; where they name the service, `named` says it of that one. */
export function statedOfService(
  view: AttemptView,
  phrases: readonly string[],
  named: (service: string) => Pick<RuleMatch, 'title' | 'remedy'>,
): RuleMatch | undefined {
  const match = stated(view, phrases)
  if (match === undefined) return undefined
  const service = said(view, phrases)
    .map(({ text }) => serviceNamed(text))
    .find(found => found !== undefined)
  return service === undefined ? match : { ...match, ...named(service) }
}
