import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { causeInScript } from '../script-failure.js'
import { said, stated } from '../stated.js'

const id = 'setup-snap-in'
const cmdlet = 'is not recognized as the name of a cmdlet'
const snapIn = [
  'No Windows PowerShell Snap-ins matching',
  'Cannot load Windows PowerShell snap-in',
  'No snap-ins have been registered',
]

/** exchange.md 6.2, SNAPIN. */
export const setupSnapIn: Rule = {
  id,
  title: "Exchange's Setup snap-in did not load, so the update's script has no commands",
  about:
    'ServiceControl.ps1 needs Microsoft.Exchange.Management.PowerShell.Setup. On a server whose bin folder is half patched it does not ' +
    'load, and "The term \'Stop-SetupService\' is not recognized as the name of a cmdlet".',
  kinds: ['msi', 'service-control', 'exchange-setup'],
  watch: [cmdlet, ...snapIn],
  match: view => causeInScript(view, id) ?? missingCommand(view) ?? stated(view, snapIn),
  remedy: [
    'Start the services again first: exroll restore -i INVENTORY --from-defaults',
    'Install the update that is on the server now once more (same KB), from an elevated prompt, to make the bin folder whole.',
    'Then install the new one.',
  ],
}

function missingCommand(view: AttemptView): RuleMatch | undefined {
  const missing = said(view, [cmdlet]).filter(({ text }) => /term '[A-Za-z]+-Setup\w+'/.test(text))
  const [first] = missing
  if (first === undefined || view.attempt.outcome === 'succeeded') return undefined
  return {
    confidence: view.attempt.outcome === 'failed' ? 'certain' : 'likely',
    evidence: evidenceOf(first, { lines: view.attempt.failureEvidence }),
  }
}
