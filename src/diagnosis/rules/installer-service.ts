import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = ['The Windows Installer Service could not be accessed', 'Error 1719.']

/** Windows Installer 1601 and message 1719 (win32, error-codes). Message 1601 is another thing: no room on the disk. */
export const installerService: Rule = {
  id: 'installer-service',
  title: 'The Windows Installer service could not be reached',
  about: 'Exit code 1601, or message 1719: the service msiserver is disabled, damaged, or Windows runs in safe mode.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match: view => stated(view, watch, [1601]),
  remedy: [
    'See whether it is disabled: sc.exe qc msiserver. If so: sc.exe config msiserver start= demand',
    'Register it anew: msiexec /unregister, then msiexec /regserver, from an elevated prompt.',
    'Restart the server if it was in safe mode, and install again.',
  ],
}
