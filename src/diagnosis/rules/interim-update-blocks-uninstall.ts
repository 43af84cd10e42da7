import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'has determined that an Interim Update has been installed.',
  'This Update Rollup cannot be uninstalled until the Interim Update',
]

/** Article, "Previous Interim Update (IU) Exists", on removal of a rollup. */
export const interimUpdateBlocksUninstall: Rule = {
  id: 'interim-update-blocks-uninstall',
  title: 'The rollup cannot be removed while an Interim Update is installed on it',
  about:
    'An interim update (IU) lies on top of a rollup; the rollup can be removed only after it. The package says "This Update Rollup ' +
    'cannot be uninstalled until the Interim Update has been uninstalled".',
  kinds: ['msi', 'events', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'Open Programs and Features (Windows 2003: Add/Remove Programs, "Show updates") and uninstall the Interim Update of Microsoft Exchange Server.',
    'Uninstall the rollup again.',
  ],
}
