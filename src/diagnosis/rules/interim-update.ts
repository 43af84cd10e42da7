import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'Unable to install because a previous Interim Update for',
  'Please use Add/Remove Programs to uninstall the Interim Update',
]

/** Article, "Previous Interim Update (IU) Exists". */
export const interimUpdate: Rule = {
  id: 'interim-update',
  title: 'An Interim Update is installed, and has to be removed first',
  about:
    'An interim update (IU) is a private fix between two rollups. A rollup installs only where there is none. The package says ' +
    '"Unable to install because a previous Interim Update ... has been installed".',
  kinds: ['msi', 'events', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'Open Programs and Features (Windows 2003: Add/Remove Programs, "Show updates") and uninstall the Interim Update of Microsoft Exchange Server.',
    'Install the rollup again. It holds what the interim update fixed, if it is newer.',
  ],
}
