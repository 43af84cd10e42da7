import type { AttemptView, Rule, RuleMatch } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'The installation source for this product is not available',
  'No valid source could be found for product',
  'This installation package could not be opened.',
  'This patch package could not be opened.',
  'Error 1706.',
  'Error 1305.',
  'Error 1309.',
  'Error 1311.',
  'Error 1316.',
  'Note: 1: 1316',
  'SecureRepair Failed',
  'Error 1335.',
  'Error 1714.',
  'Source file not found',
  'MainEngineThread is returning 1612',
  'Error reading from file',
]
const codes = [2, 3, 1612, 1619, 1620, 1635, 1636]
const moreExact = [
  'missing-cached-patch',
  'missing-cached-package',
  'patch-registration',
  'corruption',
  'temp-file',
  'setup-from-bin',
]

/** Windows Installer 1612, 1619, 1620, 1635, 1636, 1706; a bare 2 or 3 is a path that is not there (msi-log-format.md, "Codes"). */
export const sourceUnavailable: Rule = {
  id: 'source-unavailable',
  title: 'A package that the installer needs is not where it looks for it, or cannot be opened',
  about:
    'Exit codes 1612, 1619 and 1635, or 2 and 3: the .msi or .msp that was named, or the medium of an installed product, is not there, ' +
    'cannot be read, or is no package. Where the log shows that a cached file is missing, that is named instead.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match(view) {
    const match = stated(view, watch, codes)
    if (match === undefined) return undefined
    if (view.found.some(({ id }) => moreExact.includes(id))) return behind(view, match)
    // In the installer's own log these words also end the chain of a missing cached file: there they are never certain.
    return view.attempt.kind === 'exchange-setup' ? match : { ...match, confidence: 'likely' }
  },
  remedy: [
    'Check that the package is there under the path in the log, that its folder can be read by SYSTEM, and that it is whole (size, signature).',
    'Install from a local folder, not from a share or a medium that was taken out, and leave the package there afterwards.',
    'If it is the source of a product that is installed: the cached .msi is gone too. exroll diagnose --explain missing-cached-package',
  ],
}

/** The more exact cause was found: a source that was not there is how it shows, not why. */
function behind({ found }: AttemptView, match: RuleMatch): RuleMatch | undefined {
  return found.some(({ id, confidence }) => id === 'missing-cached-package' && confidence === 'likely')
    ? { ...match, confidence: 'possible' }
    : undefined
}
