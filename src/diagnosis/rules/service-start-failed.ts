import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { causeInScript } from '../script-failure.js'
import { said } from '../stated.js'
import { statedOfService } from '../stated-of-service.js'

const id = 'service-start-failed'
const unable = ['Unable to restore service', 'Unable to enable service', 'Unable to start service']
const starting = 'Starting '
const installer = ['Error 1920.', 'Note: 1: 1920', 'failed to start. Verify that you have sufficient privileges']
const setup = [
  "failed to reach status 'Running'",
  'cannot be started due to the following error',
  'failed to start due to the following error',
]

/** exchange.md 2.4 and 6.2, RESTOREFAIL; Windows Installer 1920. */
export const serviceStartFailed: Rule = {
  id,
  title: 'A service could not be started',
  about:
    'After the files are replaced the services that ran are started again. ServiceControl.log says "Unable to restore service \'X\'"; ' +
    'the installer says 1920; Setup says that a service failed to reach status Running.',
  kinds: ['msi', 'service-control', 'exchange-setup'],
  watch: [...unable, starting, ...installer, ...setup],
  match(view) {
    if (view.attempt.kind === 'service-control') return restoredUpTo(view)
    if (view.found.some(found => found.id === 'services-disabled' || found.id === 'services-not-started'))
      return undefined
    return causeInScript(view, id) ?? statedOfService(view, [...installer, ...setup], forService)
  },
  remedy: remedyFor('NAME'),
}

function forService(name: string): Pick<RuleMatch, 'title' | 'remedy'> {
  return { title: `The service ${name} could not be started`, remedy: remedyFor(name) }
}

function restoredUpTo(view: AttemptView): RuleMatch | undefined {
  const [failed] = said(view, unable)
  if (failed === undefined) return undefined
  const name = /service(?:\(s\))?:? '([^']+)'/.exec(failed.text)?.[1]
  const last = said(view, [starting]).findLast(({ line }) => line < failed.line)
  return {
    confidence: name === undefined ? 'likely' : 'certain',
    evidence: evidenceOf(last, failed),
    ...(name === undefined ? {} : { title: `The service ${name} could not be started again`, remedy: remedyFor(name) }),
  }
}

function remedyFor(name: string): string[] {
  return [
    `See why: sc.exe qc ${name} (is it DISABLED?), and the System and Application event logs of that time.`,
    `Put its start type back and start it: sc.exe config ${name} start= auto, then net start ${name}. MSExchangeADTopology has to run first.`,
    'If it times out on a server without internet, it waits for the CRL: exroll diagnose --explain crl-check',
    'Then start the other services: exroll restore -i INVENTORY',
  ]
}
