import type { Rule } from '../rule.js'
import { said, stated } from '../stated.js'

const watch = [
  'The system administrator has set policies to prevent this installation',
  'This installation is forbidden by system policy',
  'forbidden by system policy',
  'The patch package is not permitted by software restriction policy',
  'This patch package is forbidden',
]

const codes = [1625, 1640, 1643, 1644, 1645, 1649]
const general = /forbidden by system policy/i

/** Windows Installer 1625, 1643, 1644, 1649, 1640, 1645 (win32, error-codes). */
export const policyForbids: Rule = {
  id: 'policy-forbids',
  title: 'A system policy forbids the installation',
  about:
    'Exit codes 1625, 1643, 1644 or 1649: the Windows Installer policy (DisableMSI, DisablePatch) or a software restriction policy ' +
    'refuses the package. 1640 and 1645: not permitted from a remote session.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match(view) {
    if (view.found.some(({ id }) => id === 'not-elevated')) return undefined
    const match = stated(view, watch, codes)
    // The text of 1625 also stands for a missing elevation (msi-log-format.md, "Codes").
    const only = said(view, watch).every(({ text }) => general.test(text))
    return match === undefined || !only ? match : { ...match, confidence: 'likely' }
  },
  remedy: [
    'Look for DisableMSI and DisablePatch under HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Installer, and for software restriction or AppLocker rules: gpresult /h C:\\policy.html',
    'Have the policy lifted for this server during the maintenance window.',
    'Install again from an elevated prompt.',
  ],
}
