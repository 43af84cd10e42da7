import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { causeInScript, failedInScript } from '../script-failure.js'
import { said } from '../stated.js'

const watch = ['AuthorizationManager check failed', 'CAQuietExec: Error 0x80070001']

/** exchange.md 0, fact 4 (KB2810617) and 6.2, AUTHMGR. */
export const gpoExecutionPolicy: Rule = {
  id: 'gpo-execution-policy',
  title: 'A Group Policy sets the PowerShell execution policy, and the installation cannot pass it',
  about:
    'The installer stops WMI, and PowerShell needs WMI to evaluate an execution policy that comes from a Group Policy: every script of ' +
    'the update then fails with "AuthorizationManager check failed" (KB2810617). Set-ExecutionPolicy does not help.',
  kinds: ['msi', 'service-control', 'update-cas', 'exchange-setup', 'unknown'],
  watch,
  match: view => causeInScript(view, 'gpo-execution-policy') ?? saidSo(view) ?? knownPolicy(view),
  remedy: [
    'Find the policy: gpresult /h C:\\policy.html, Windows PowerShell, "Turn on Script Execution".',
    'Take it off this server for the maintenance window, then: gpupdate /force',
    'Check that MachinePolicy and UserPolicy are Undefined: Get-ExecutionPolicy -List',
    'Start the services that the failed installation left stopped or disabled: exroll restore -i INVENTORY --from-defaults',
    'Install again, then let the policy apply again.',
  ],
}

function saidSo(view: AttemptView): RuleMatch | undefined {
  const words = said(view, watch.slice(0, 1))
  if (words.length === 0 || view.attempt.outcome === 'succeeded') return undefined
  return {
    confidence: view.attempt.outcome === 'failed' ? 'certain' : 'likely',
    evidence: evidenceOf(...words.slice(0, 2), { lines: view.attempt.failureEvidence }),
  }
}

/** The log of the installer has a bare 0x80070001; the run knows of the Group Policy. */
function knownPolicy(view: AttemptView): RuleMatch | undefined {
  const { executionPolicyByGroupPolicy, executionPolicy } = view.context
  if (executionPolicyByGroupPolicy !== true || !failedInScript(view)) return undefined
  if (view.related('service-control').some(({ causes }) => causes.length > 0)) return undefined
  return {
    confidence: 'likely',
    evidence: evidenceOf(...said(view, watch.slice(1)).slice(0, 2), { lines: view.attempt.failureEvidence }),
    ...(executionPolicy === undefined
      ? {}
      : {
          title: `A Group Policy sets the execution policy to ${executionPolicy}, and the installation cannot pass it`,
        }),
  }
}
