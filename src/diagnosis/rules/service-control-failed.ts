import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { causeInScript } from '../script-failure.js'
import { said } from '../stated.js'

const id = 'service-control-failed'
const reverse = 'Exception calling "Reverse" with'
const errors = [
  '] [Error] ',
  'Unable to disable all services for',
  'Exchange server is not installed',
  'Script completed with one or more errors',
]

/** exchange.md 2.4 and 6.2, REVERSE and the rest: what stops ServiceControl.ps1 and has no rule of its own. */
export const serviceControlFailed: Rule = {
  id,
  title: "The update's own script ServiceControl.ps1 failed",
  about:
    'ServiceControl.ps1 saves, stops and restores the services around an update. Its first error ends the installation with 1603; the ' +
    'installer only shows that CA_SAVEDATA_STOP_SERVICES or a like action failed.',
  kinds: ['msi', 'service-control', 'exchange-setup'],
  watch: [reverse, ...errors],
  match(view) {
    if (view.attempt.kind === 'service-control') return view.found.length > 0 ? undefined : ownError(view)
    return causeInScript(view, id) ?? nothingToStop(view)
  },
  remedy: [
    'Read the error in the line shown, and the lines above it in C:\\ExchangeSetupLogs\\ServiceControl.log.',
    'Check that WMI works, which the script asks for start types: Get-WmiObject Win32_Service',
    'Put back what the failed attempt left disabled: exroll restore -i INVENTORY --from-defaults',
    'Install again.',
  ],
}

function ownError(view: AttemptView): RuleMatch | undefined {
  const none = nothingToStop(view)
  if (none !== undefined) return none
  const found = said(view, errors)
  const [first] = found
  if (first === undefined || view.attempt.outcome !== 'failed') return undefined
  const words = /(?:\[Error\]|\[\d\d:\d\d:\d\d\]) *(?:\[Error\] *)?(.{1,160})/i.exec(first.text)?.[1]
  return {
    confidence: found.some(({ text }) => /\[Error\]/i.test(text)) ? 'certain' : 'likely',
    evidence: evidenceOf(...found.slice(0, 3)),
    ...(words === undefined ? {} : { title: `ServiceControl.ps1 failed: ${words}` }),
  }
}

/** A list of services that is empty cannot be reversed: the script's own fault, with a cure. */
function nothingToStop(view: AttemptView): RuleMatch | undefined {
  const [first] = said(view, [reverse])
  if (first === undefined || view.attempt.outcome === 'succeeded') return undefined
  return {
    confidence: view.attempt.outcome === 'failed' ? 'certain' : 'likely',
    title: 'ServiceControl.ps1 failed because no Exchange service was running: it cannot stop an empty list',
    evidence: evidenceOf(first, { lines: view.attempt.failureEvidence }),
    remedy: [
      'Start at least one Exchange service: net start MSExchangeADTopology. If it is disabled: sc.exe config MSExchangeADTopology start= auto',
      'Install again.',
    ],
  }
}
