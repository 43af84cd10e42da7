import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'The version of this file is not compatible with the version of',
  'This installation package is not supported by this processor type.',
]

/** Article, "Wrong Version"; Windows Installer 1633 (win32, error-codes). */
export const wrongArchitecture: Rule = {
  id: 'wrong-architecture',
  title: 'The update is for another processor type (x86 or x64) than the Exchange Server here',
  about:
    'A rollup comes as x86 and as x64, and only one of them fits. The package says "The version of this file is not compatible with ' +
    'the version of Exchange Server"; the same words among the properties at the end of a log mean nothing.',
  kinds: ['msi', 'events', 'unknown'],
  watch,
  match: view => stated(view, watch, [1633]),
  remedy: [
    'Download the package of the other processor type: servers in production are x64, "Exchange2007-KB...-x64-EN.msp".',
    'Install that one.',
  ],
}
