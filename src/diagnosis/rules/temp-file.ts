import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { leadsToFailure, said, stated } from '../stated.js'

const reading = ['Error reading from file']
const writing = ['Error writing to file', 'The Temp folder is on a drive that is full or is inaccessible']
/** Internal errors 2502 and 2503: the engine may not write its own temporary files. */
const internal = ['The error code is 2502.', 'The error code is 2503.']
const temporary = /\\(?:Installer\\MSI[0-9A-F]+\.tmp|Te?mp\\)/i

/** exchange.md 6.1, TEMP-READ; Windows Installer 1632. */
export const tempFile: Rule = {
  id: 'temp-file',
  title: 'A temporary file of the installer could not be read or written',
  about:
    'Windows Installer unpacks files to C:\\Windows\\Installer\\MSI*.tmp and to the Temp folder. When one cannot be read, an antivirus ' +
    'mostly holds or removed it; else the Installer folder or the disk is damaged.',
  kinds: ['msi', 'events', 'exchange-setup'],
  watch: [...reading, ...writing, ...internal],
  match(view) {
    const found = said(view, [...reading, ...writing]).filter(
      ({ text }) => temporary.test(text) || /Temp folder is on a drive/.test(text),
    )
    if (found.length === 0) return unwritable(view) ?? byCode(view)
    if (view.attempt.outcome === 'succeeded') return undefined
    const leads = view.attempt.outcome === 'failed' && found.some(sighting => leadsToFailure(view, sighting))
    return {
      confidence: leads ? 'certain' : 'likely',
      evidence: evidenceOf(...found.slice(0, 2), { lines: view.attempt.failureEvidence }),
    }
  },
  remedy: [
    'Exclude C:\\Windows\\Installer, the Temp folders and the package from the antivirus while the update is installed.',
    'Check that SYSTEM and Administrators may write to C:\\Windows\\Installer and to %TEMP%, and that the drive has room.',
    'Check the installer cache: a damaged cached .msi shows like this too.',
    'Install again from an elevated prompt.',
  ],
}

function unwritable(view: AttemptView): RuleMatch | undefined {
  const match = stated(view, internal)
  return match === undefined ? undefined : { ...match, confidence: 'likely' }
}

function byCode({ attempt }: AttemptView): RuleMatch | undefined {
  return attempt.outcome === 'failed' && attempt.exitCode === 1632
    ? { confidence: 'likely', evidence: attempt.failureEvidence }
    : undefined
}
