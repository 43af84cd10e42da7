import { type AttemptView, evidenceOf, type Rule } from '../rule.js'
import { said } from '../stated.js'

const notFound = 'is not recognized as the name of a cmdlet'
const notOpened = ['Error code is 1619', 'This installation package could not be opened.']

/** exchange.md 6.3: Setup replaces the very files it was started from. */
export const setupFromBin: Rule = {
  id: 'setup-from-bin',
  title: "Setup was started from the installed Exchange\\Bin folder, not from the update's own folder",
  about:
    'In a PowerShell whose current folder or path holds Exchange\\Bin, "setup.exe" is the installed one. It then looks for scripts and ' +
    'packages in the wrong place: "The term \'...\\Bin\\ManageScheduledTask.ps1\' is not recognized".',
  kinds: ['exchange-setup'],
  watch: [notFound, ...notOpened],
  match(view) {
    if (view.attempt.outcome === 'succeeded') return undefined
    const found = [
      ...said(view, [notFound]).filter(({ text }) => /term '[^']*\\Bin\\[^']+\.ps1'/i.test(text)),
      ...said(view, notOpened).filter(({ text }) => /\\bin\\Setup\\/i.test(text)),
    ]
    const [first] = found
    return first === undefined
      ? undefined
      : { confidence: confidenceOf(view), evidence: evidenceOf(first, { lines: view.attempt.failureEvidence }) }
  },
  remedy: [
    'Mount the image of the cumulative update and go to its root folder.',
    'Start that Setup with its full path: D:\\setup.exe ..., in PowerShell: .\\setup.exe ...',
  ],
}

function confidenceOf({ attempt }: AttemptView): 'certain' | 'likely' {
  return attempt.outcome === 'failed' ? 'certain' : 'likely'
}
