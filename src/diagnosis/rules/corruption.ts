import { chain } from '../missing-patches.js'
import { evidenceOf, type Rule } from '../rule.js'
import { endedWith, said } from '../stated.js'

const registration = [
  'The configuration data for this product is corrupt',
  'configuration data for this product',
  'Error 1610.',
  'System Error 1610.',
]
const dangling = ["Couldn't find local patch ''", chain.orphaned]
const damaged = ['The file or directory is corrupted and unreadable', '0x80070570', 'Error 1335.', 'Error 1392']

/** Article, "Return Value 3", case 4; Windows Installer 1610 (win32, error-codes). */
export const corruption: Rule = {
  id: 'corruption',
  title: 'Windows Installer is damaged in more than one place: the registration, the patches, or the file system',
  about:
    'The registry and the file system contradict each other in several independent places: the product cannot be read (1610), patches ' +
    'are registered that lead nowhere, files cannot be read. One such place alone has a cure of its own.',
  kinds: ['msi', 'events'],
  watch: [...registration, ...dangling, ...damaged],
  match(view) {
    const places = [registration, dangling, damaged].map(words => said(view, words)).filter(found => found.length > 0)
    const unreadable = said(view, registration).length > 0 || endedWith(view, [1610])
    if (view.attempt.outcome === 'succeeded' || (!unreadable && places.length < 2)) return undefined
    return {
      confidence: unreadable && places.length > 1 && view.attempt.outcome === 'failed' ? 'certain' : 'possible',
      evidence: evidenceOf(...places.flatMap(found => found.slice(0, 2)), { lines: view.attempt.failureEvidence }),
    }
  },
  remedy: [
    'Check the disk first: chkdsk, the System event log (source Ntfs, Disk), and the antivirus quarantine.',
    'If the registration stays unreadable, nothing short of a rebuild helps: install Windows anew on a server of the same name.',
    'Then install Exchange with: setup.com /mode:recoverserver (2013 and later: setup.exe /mode:recoverserver)',
    'Then install the rollup.',
  ],
}
