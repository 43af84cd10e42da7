import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'There is not enough disk space',
  'There is not enough space on the disk',
  'not enough free disk space',
  'Out of disk space',
  'Disk full:',
  'Error 1307.',
  'Note: 1: 1307',
  '0x80070070',
]

/** Windows Installer 1307, 1601 "Out of disk space" and 1301; Win32 112 (win32, windows-installer-error-messages). */
export const diskFull: Rule = {
  id: 'disk-full',
  title: 'The disk is full',
  about:
    'Windows Installer copies the package, unpacks it and keeps what it replaces: about five times the size of the package on the ' +
    'system drive.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match: view => stated(view, watch, [112]),
  remedy: [
    'Free space on the drive that the line names, on the system drive at least five times the size of the package. Delete nothing under C:\\Windows\\Installer.',
    'Install again.',
  ],
}
