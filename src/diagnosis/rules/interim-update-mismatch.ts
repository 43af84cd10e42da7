import type { AttemptView, Rule } from '../rule.js'
import { said, stated } from '../stated.js'

export const mismatchWords = 'has determined that this Interim Update is incompatible with the current'

/**
 * Newer updates say this; where no interim update is involved, Microsoft names the CRL as the reason (exchange.md 2.7). That reading
 * is the rule crl-check's.
 */
export const interimUpdateMismatch: Rule = {
  id: 'interim-update-mismatch',
  title: 'The Interim Update is made for another level of Exchange than the one installed',
  about:
    'An interim update fits one rollup or cumulative update only. The same message comes without any interim update when the server ' +
    'cannot reach the certificate revocation list: then see crl-check.',
  kinds: ['msi', 'events', 'unknown'],
  watch: [mismatchWords, 'Interim Update'],
  match(view) {
    const match = stated(view, [mismatchWords])
    if (match === undefined || involvesInterimUpdate(view)) return match
    return { ...match, confidence: 'possible' }
  },
  remedy: [
    'Compare the level that the interim update was made for with the installed one (Get-ExchangeServer, or the version of bin\\ExSetup.exe).',
    'Install the update for the installed level, or bring Exchange to that level first.',
    'If no interim update is involved, the server cannot reach the CRL: exroll diagnose --explain crl-check',
  ],
}

/** An interim update beside the one of the message itself: the update's own name, or a record that speaks of one. */
export function involvesInterimUpdate(view: AttemptView): boolean {
  if (/interim/i.test(view.attempt.update ?? '')) return true
  return said(view, ['Interim Update']).some(({ text }) => !/this Interim Update is incompatible/.test(text))
}
