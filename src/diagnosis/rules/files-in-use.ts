import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'has open files. Close the process',
  'The process cannot access the file',
  'being used by another process',
  'Error 1306.',
]

/** exchange.md 6.3, ProcessNeedsToBeClosedOnUpgrade; Windows Installer 1306. */
export const filesInUse: Rule = {
  id: 'files-in-use',
  title: 'A process holds files of Exchange open',
  about:
    'Setup replaces files and names the process that has them open, often a PowerShell or a console that was left open.',
  kinds: ['exchange-setup', 'msi', 'update-cas', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'Close the process that the line names: other PowerShell windows, Exchange consoles, monitoring, antivirus. taskkill /pid NUMBER if it has no window.',
    'Run the installation again.',
  ],
}
