import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'User cancelled installation',
  'The installation was cancelled by the user',
  'Installation operation cancelled',
]

/** Windows Installer 1602, and return value 2 of an action (msi-log-format.md, "Return values"). */
export const userCancelled: Rule = {
  id: 'user-cancelled',
  title: 'Somebody cancelled the installation',
  about: 'Exit code 1602; the action that was cancelled ends with return value 2, and nothing with 3.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match(view) {
    const match = stated(view, watch, [1602])
    const { firstFailure, exitCode } = view.attempt
    if (match === undefined || exitCode !== 1602 || firstFailure?.returnValue !== 2) return match
    return { ...match, confidence: 'certain' }
  },
  remedy: [
    'Install again, and let it come to its end. Unattended: msiexec /update PACKAGE.msp /quiet /norestart /lxv* C:\\rollup.log',
  ],
}
