import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { said } from '../stated.js'
import { involvesInterimUpdate, mismatchWords } from './interim-update-mismatch.js'

const offline = [
  'unable to check revocation because the revocation server was offline',
  'CRYPT_E_REVOCATION_OFFLINE',
  '0x80092013',
  '0x80092012',
]
const images = ['Creating Native images for .NET assemblies', 'native images']
const phase = /native image|\.NET assembl|ngen|certificate revocation/i

/** Article, "Lack of Internet Connectivity"; exchange.md 2.7, 3.1 and 6.1, NGEN-CRL. */
export const crlCheck: Rule = {
  id: 'crl-check',
  title: 'The server cannot reach the certificate revocation list (CRL), and the installation waits for it',
  about:
    'While .NET checks the signatures of the new files it asks the publisher for the CRL. On a server without internet every file waits ' +
    'for a time-out: the installation hangs at "Creating Native images for .NET assemblies", services time out at their first start, and ' +
    'newer updates refuse with "this Interim Update is incompatible".',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch: [...offline, ...images, mismatchWords],
  match: view => hangs(view) ?? offlineInWords(view) ?? mismatchWithoutInterimUpdate(view) ?? waited(view),
  remedy: [
    'An installation that still waits goes on by itself after a time-out for each file. Do not end it half way: wait, or cancel it in its own window.',
    'For the account that installs, note the value that is there: reg query "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\WinTrust\\Trust Providers\\Software Publishing" /v State',
    'Turn checking off: reg add "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\WinTrust\\Trust Providers\\Software Publishing" /v State /t REG_DWORD /d 0x23e00 /f',
    'Install the update again.',
    'Turn checking on again: the same command with the value that was there, 0x23c00 by default.',
    'Or let the server reach the CRL: a proxy for WinHTTP (netsh winhttp set proxy), or a rule for crl.microsoft.com, port 80.',
  ],
  fix: 'exroll run playbooks/apply-rollup.yaml -i INVENTORY --limit SERVER',
}

/** The log stops in the phase in which signatures are checked. What the run knows of the CRL makes it certain. */
function hangs(view: AttemptView): RuleMatch | undefined {
  const { attempt, context } = view
  if (attempt.kind !== 'msi' || attempt.outcome !== 'incomplete' || context.rebooted === true) return undefined
  const { lastAction } = attempt
  const announced = said(view, images).at(-1)
  const inPhase =
    (lastAction !== undefined && phase.test(`${lastAction.name} ${lastAction.description}`)) ||
    (announced !== undefined && announced.line >= (lastAction?.line ?? 0))
  const known = context.crlReachable === false && context.crlChecking !== false
  if (!inPhase && !(known && context.stalled === true)) return undefined
  const stopped = context.stalled === true
  const fits = inPhase ? (known && stopped ? 'certain' : 'likely') : 'likely'
  return {
    confidence: context.crlReachable === true || context.crlChecking === false ? 'possible' : fits,
    evidence: evidenceOf(announced, lastAction, {
      lines: attempt.failureEvidence,
    }),
  }
}

function offlineInWords(view: AttemptView): RuleMatch | undefined {
  const words = said(view, offline)
  if (words.length === 0 || view.attempt.outcome === 'succeeded') return undefined
  return {
    confidence: view.attempt.outcome === 'failed' ? 'certain' : 'likely',
    evidence: evidenceOf(...words.slice(0, 2), { lines: view.attempt.failureEvidence }),
  }
}

function mismatchWithoutInterimUpdate(view: AttemptView): RuleMatch | undefined {
  const [first] = said(view, [mismatchWords])
  if (first === undefined || view.attempt.outcome === 'succeeded' || involvesInterimUpdate(view)) return undefined
  return {
    confidence: view.context.crlReachable === false ? 'certain' : 'likely',
    title: 'No Interim Update is involved: the server most likely cannot reach the certificate revocation list (CRL)',
    evidence: evidenceOf(first, { lines: view.attempt.failureEvidence }),
  }
}

/** It came through, after minutes in which nothing was written while signatures were checked. */
const longWait = 600

function waited({ attempt }: AttemptView): RuleMatch | undefined {
  if (attempt.kind !== 'msi' || attempt.outcome !== 'succeeded') return undefined
  const gap = attempt.silences.find(
    ({ seconds, action = '', phase: name = '' }) => seconds >= longWait && phase.test(`${action} ${name}`),
  )
  if (gap === undefined) return undefined
  return {
    confidence: 'possible',
    title: `the installation waited ${Math.round(gap.seconds / 60)} minutes in ${gap.phase ?? gap.action ?? 'one place'}: the server may not reach the CRL`,
    evidence: evidenceOf({ lines: attempt.outcomeLines }),
  }
}
