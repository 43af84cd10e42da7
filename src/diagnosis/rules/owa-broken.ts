import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { said } from '../stated.js'

const failures = [
  'Error updating OWA/ECP:',
  'no OWA web.config is found',
  'FixUnversionedFolderAfterUpgrade failed:',
  'Could not determine version. Aborting.',
]
const aborted = 'Aborting.'

/** Article, "Additional Issues"; exchange.md 0, fact 5, and 6.2, OWA-SILENT: the script swallows its errors and the installer returns 0. */
export const owaBroken: Rule = {
  id: 'owa-broken',
  title: 'The update is on, but Outlook Web Access was not updated and will not work',
  about:
    'UpdateCas.ps1 brings OWA and ECP to the new version. It writes "Error updating OWA/ECP" to C:\\ExchangeSetupLogs\\UpdateCas.log and ' +
    'ends as if nothing had happened, so the installer reports success. It needs elevation and Active Directory.',
  kinds: ['update-cas', 'msi'],
  watch: [...failures, aborted],
  match: view => (view.attempt.kind === 'msi' ? silentlyBroken(view) : saidSo(view)),
  remedy: [
    'Log on with an account that may read Active Directory, and open an elevated Exchange Management Shell.',
    'In the bin folder of Exchange run: .\\UpdateCas.ps1',
    'Read the end of C:\\ExchangeSetupLogs\\UpdateCas.log again, and open OWA.',
    'If it fails again, reinstall the update from an elevated prompt.',
  ],
}

function saidSo(view: AttemptView): RuleMatch | undefined {
  const explicit = said(view, failures)
  const found = explicit.length > 0 ? explicit : said(view, [aborted])
  const [first] = found
  if (first === undefined || view.found.some(({ id }) => id === 'gpo-execution-policy')) return undefined
  return { confidence: explicit.length > 0 ? 'certain' : 'likely', evidence: evidenceOf(...found.slice(0, 3)) }
}

function silentlyBroken(view: AttemptView): RuleMatch | undefined {
  if (view.attempt.outcome !== 'succeeded') return undefined
  for (const { path, causes } of view.related('update-cas')) {
    const cause = causes.find(({ id }) => id === 'owa-broken')
    const line = cause?.evidence[0]?.line
    if (cause === undefined || line === undefined) continue
    return {
      confidence: cause.confidence,
      title: `${cause.title} (${path}, line ${line})`,
      evidence: outcomeOf(view),
    }
  }
  return undefined
}

function outcomeOf({ attempt }: AttemptView): RuleMatch['evidence'] {
  return attempt.outcomeLines
}
