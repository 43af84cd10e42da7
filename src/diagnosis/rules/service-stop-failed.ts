import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { causeInScript } from '../script-failure.js'
import { said } from '../stated.js'
import { statedOfService } from '../stated-of-service.js'

const id = 'service-stop-failed'
const unable = 'Unable to stop all services for'
const stopping = "Stopping service '"
const installer = ['Error 1921.', 'Note: 1: 1921', 'could not be stopped. Verify that you have sufficient privileges']
const setup = ["failed to reach status 'Stopped'", 'cannot be stopped due to the following error']

/** exchange.md 2.4 and 6.2, STOPFAIL: the culprit is the service named last before the error. Windows Installer 1921. */
export const serviceStopFailed: Rule = {
  id,
  title: 'A service could not be stopped',
  about:
    'Before it replaces files the update stops all Exchange services. ServiceControl.log says "Stopping service \'X\'." and then "Unable to ' +
    'stop all services": X did not end. In the installer\'s own log only CA_SAVEDATA_STOP_SERVICES fails.',
  kinds: ['msi', 'service-control', 'exchange-setup'],
  watch: [unable, stopping, ...installer, ...setup],
  match(view) {
    if (view.attempt.kind === 'service-control') return stoppedAt(view)
    return causeInScript(view, id) ?? statedOfService(view, [...installer, ...setup], forService)
  },
  remedy: remedyFor('NAME'),
}

function forService(name: string): Pick<RuleMatch, 'title' | 'remedy'> {
  return { title: `The service ${name} could not be stopped`, remedy: remedyFor(name) }
}

function stoppedAt(view: AttemptView): RuleMatch | undefined {
  const [failed] = said(view, [unable])
  if (failed === undefined) return undefined
  const last = said(view, [stopping]).findLast(({ line }) => line < failed.line)
  const name = /Stopping service '([^']+)'/.exec(last?.text ?? '')?.[1]
  return {
    confidence: name === undefined ? 'likely' : 'certain',
    evidence: evidenceOf(last, failed),
    ...(name === undefined ? {} : forService(name)),
  }
}

function remedyFor(name: string): string[] {
  return [
    `Look why it does not end: the System event log of that time, and what holds it (a backup, antivirus, a debugger).`,
    `Stop it by hand: net stop ${name}. If it hangs: taskkill /f /fi "services eq ${name}", or restart the server.`,
    'Check that no start type was left Disabled by the failed attempt: exroll restore -i INVENTORY shows it and puts it back.',
    'Install again.',
  ]
}
