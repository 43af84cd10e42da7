import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { endedWith, said, stated } from '../stated.js'

const sequencer = 'is not applicable.'
const absent = 'Unknown\\Absent:'
const starts = 'SequencePatches starts.'
const statements = [
  'The upgrade patch cannot be installed by the Windows Installer service because the program to be upgraded may be missing',
  'The upgrade cannot be installed by the Windows Installer service because the program to be upgraded may be missing',
  'This action is only valid for products that are currently installed.',
]
const installedAlready = 'Another version of this product is already installed.'
const codes = [1605, 1638, 1642, 1647, 1648]

/** exchange.md 6.1, WRONG-LEVEL. */
export const notApplicable: Rule = {
  id: 'not-applicable',
  title: 'The update is not for the version of Exchange that is installed here',
  about:
    'A rollup fits one service pack, a security update one cumulative update; the same file name serves several. The patch sequencer ' +
    'says "is not applicable", and the installer ends with 1642. The line "SequencePatches starts" names the installed version.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch: [sequencer, absent, starts, ...statements, installedAlready],
  match: view => refusedBySequencer(view) ?? anotherVersion(view) ?? stated(view, statements, codes),
  remedy: [
    'Find the level installed: the version of bin\\ExSetup.exe in the Exchange folder.',
    'Download the update for exactly that service pack or cumulative update, or install the newer level first.',
  ],
}

function refusedBySequencer(view: AttemptView): RuleMatch | undefined {
  const refusals = said(view, [sequencer, absent]).filter(({ text }) => /PATCH SEQUENCER|Unknown\\Absent/i.test(text))
  if (refusals.length === 0 || view.attempt.outcome === 'succeeded') return undefined
  const installed = said(view, [starts]).map(({ text }) => /Product version: ([\d.]+\d)/.exec(text)?.[1])[0]
  return {
    confidence: endedWith(view, codes) ? 'certain' : 'possible',
    evidence: evidenceOf(...said(view, [starts]).slice(0, 1), ...refusals.slice(0, 3), {
      lines: view.attempt.failureEvidence,
    }),
    ...(installed === undefined ? {} : { title: `The update is not for the installed version, ${installed}` }),
  }
}

function anotherVersion(view: AttemptView): RuleMatch | undefined {
  const match = stated(view, [installedAlready], [1638])
  if (match === undefined) return undefined
  return {
    ...match,
    title: 'Another version of the product is installed, and the package does not replace it',
    remedy: [
      'See which version is installed: Programs and Features, or the version of bin\\ExSetup.exe in the Exchange folder.',
      'Remove it first, or take the package that updates exactly this version.',
    ],
  }
}
