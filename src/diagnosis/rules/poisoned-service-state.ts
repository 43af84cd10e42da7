import { evidenceOf, type Rule } from '../rule.js'
import { said } from '../stated.js'

const watch = ['already exists.', 'Overwrite is specified']

/** exchange.md 0, fact 2, and 6.2, POISON. */
export const poisonedServiceState: Rule = {
  id: 'poisoned-service-state',
  title: 'An earlier attempt left services disabled, and this one saved that as their right state',
  about:
    'A patch saves the start types of all services before it disables them. When an attempt dies in between, the next one saves ' +
    '"Disabled" as the truth, and even a successful patch then puts exactly that back. ServiceControl.log shows the state file as already there.',
  kinds: ['service-control'],
  watch,
  match(view) {
    if (!view.attempt.afterUnrestored) return undefined
    const noted = said(view, watch).filter(({ text }) => /State file|Overwrite/i.test(text))
    return noted.length === 0
      ? undefined
      : { confidence: 'certain', evidence: evidenceOf(...noted.slice(0, 3), { lines: view.attempt.failureEvidence }) }
  },
  remedy: [
    'Put the start types back: exroll restore -i INVENTORY --from-defaults. By hand: sc.exe config NAME start= auto, for W3SVC, IISAdmin, WinMgmt, RemoteRegistry and the MSExchange services.',
    'Move C:\\ExchangeSetupLogs\\Service*.xml to another folder.',
    'Start the services, then install again.',
  ],
  fix: 'exroll restore -i INVENTORY --from-defaults',
}
