import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = ['has determined that this Update Rollup has been superseded']

/** Article, "Previous Interim Update (IU) Exists", last warning. */
export const superseded: Rule = {
  id: 'superseded',
  title: 'A newer rollup is installed already: this one is not needed',
  about:
    'Rollups are cumulative: the installed one holds everything of this one. The package says "this Update Rollup has been superseded ' +
    'by the currently installed Update Rollup".',
  kinds: ['msi', 'events', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'Nothing has to be done: leave the newer rollup where it is.',
    'If the older one is wanted on purpose, uninstall the newer one first (Programs and Features, View installed updates).',
  ],
}
