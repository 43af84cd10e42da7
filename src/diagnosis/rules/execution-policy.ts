import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { failedInScript } from '../script-failure.js'
import { said } from '../stated.js'

const refused = [
  'because the execution of scripts is disabled on this system',
  'is not digitally signed',
  'UnauthorizedAccess,',
  // .NET's name of it, in any language.
  'PSSecurityException',
]
const script = ['servicecontrol.ps1', 'ServiceControl.ps1']
const output = ['CAQuietExec', 'CAQuietExec64', 'WixQuietExec', 'WixQuietExec64'].map(
  name => `${name}: Error 0x80070001`,
)

/** Article, "Return Value 3", case 1. Any failure of the script returns 1 (exchange.md 6.1, SC-FAILED). */
export const executionPolicy: Rule = {
  id: 'execution-policy',
  title: "PowerShell's execution policy does not let the rollup's scripts run",
  about:
    'The rollup stops services with ServiceControl.ps1. Where the execution policy forbids scripts, CA_SAVEDATA_STOP_SERVICES prints ' +
    '"CAQuietExec: Error 0x80070001" and ends with return value 3. Every other failure of that script looks the same here: then ' +
    'C:\\ExchangeSetupLogs\\ServiceControl.log has an error of the same time.',
  kinds: ['msi', 'service-control', 'update-cas', 'exchange-setup'],
  watch: [...refused, ...script, ...output],
  match(view) {
    if (view.context.executionPolicyByGroupPolicy === true) return undefined
    return refusedInWords(view) ?? stoppedServicesFailed(view)
  },
  remedy: [
    'On the server, in PowerShell: Get-ExecutionPolicy',
    'Set it for the installation: Set-ExecutionPolicy RemoteSigned',
    'Install the rollup again, from an elevated prompt.',
    'Leave it at RemoteSigned afterwards, which is what Exchange expects. exroll sets and restores it by itself (settings.execution_policy: auto).',
    'If Get-ExecutionPolicy already says RemoteSigned: read C:\\ExchangeSetupLogs\\ServiceControl.log, exroll diagnose ServiceControl.log',
  ],
}

function refusedInWords(view: AttemptView): RuleMatch | undefined {
  const words = said(view, refused).filter(({ text }) => /\.ps1|execution of scripts|PSSecurityException/i.test(text))
  if (words.length === 0 || view.attempt.outcome === 'succeeded') return undefined
  return {
    confidence: view.attempt.outcome === 'failed' ? 'certain' : 'likely',
    evidence: evidenceOf(...words.slice(0, 2), { lines: view.attempt.failureEvidence }),
  }
}

/** The article's chain. The script left no error of its own: either its log is not at hand, or it never ran. */
function stoppedServicesFailed(view: AttemptView): RuleMatch | undefined {
  const { attempt, context } = view
  if (attempt.kind !== 'msi' || !failedInScript(view) || attempt.firstFailure?.action !== 'CA_SAVEDATA_STOP_SERVICES')
    return undefined
  const printed = said(view, output).filter(({ line }) => line <= (attempt.firstFailure?.line ?? 0))
  if (printed.length === 0 || scriptRan(view) || saidOtherwise(view)) return undefined
  const known = context.executionPolicy !== undefined && /^(?:Restricted|AllSigned)$/i.test(context.executionPolicy)
  const other = context.executionPolicy !== undefined && !known
  return {
    confidence: known ? 'certain' : other ? 'possible' : 'likely',
    evidence: evidenceOf(...printed.slice(0, 2), { lines: attempt.failureEvidence }),
  }
}

/** The script ran: what it printed has its error. */
function saidOtherwise({ found }: AttemptView): boolean {
  return found.some(({ id, confidence }) => id === 'service-stop-failed' && confidence === 'certain')
}

/** ServiceControl.log is at hand and the script wrote into it at the time of the failure: it was let run. */
function scriptRan(view: AttemptView): boolean {
  return view.related('service-control').some(({ attempt }) => attempt.outcome !== 'succeeded')
}
