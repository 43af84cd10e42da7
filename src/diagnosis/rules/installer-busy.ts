import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'Another installation is in progress',
  'Another installation is already in progress',
  'Another program is being installed.',
  'Error 1500.',
]

/** Windows Installer 1618, message 1500 (exchange.md 6.1). */
export const installerBusy: Rule = {
  id: 'installer-busy',
  title: 'Another installation was running, and Windows Installer does one at a time',
  about:
    'Exit code 1618, or message 1500: Windows Installer was held by another installation, such as an automatic update.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match: view => stated(view, watch, [1618]),
  remedy: [
    'Wait until the other installation has ended: tasklist /fi "imagename eq msiexec.exe"',
    'If Windows Update started it, pause it for the maintenance window.',
    'Install again.',
  ],
}
