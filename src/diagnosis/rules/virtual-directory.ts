import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { said, stated } from '../stated.js'

const statements = [
  'VirtualDirectoryIdParameter',
  'The virtual directory',
  'virtual directory',
  'The specified metabase',
  "couldn't be found on",
  'The web site',
]
const process = 'Process execution failed with exit code'
const appCmd = 'appcmd.exe with arguments:'
const named =
  /\\(?:OWA|ECP|EWS|OAB|MAPI|RPC|PowerShell|Autodiscover|Microsoft-Server-ActiveSync|API|Rpc)\b.*\((?:Default Web Site|Exchange Back End)\)|virtual directory|VirtualDirectory|metabase|web ?site/i

/** exchange.md 6.3: a virtual directory that is double, or missing in IIS or in Active Directory. */
export const virtualDirectory: Rule = {
  id: 'virtual-directory',
  title: 'A virtual directory of Exchange is missing, double, or not the same in IIS and in Active Directory',
  about:
    'Setup takes each virtual directory (OWA, ECP, EWS, ActiveSync) from Active Directory and sets it in IIS. One that is only in one ' +
    'of them, a second ActiveSync directory, or an appcmd.exe that fails stops it.',
  kinds: ['exchange-setup', 'unknown'],
  watch: [...statements, process, appCmd],
  match: view => stopped(view) ?? inStatement(view),
  remedy: [
    'Read which directory and web site the line names.',
    'Compare: Get-OwaVirtualDirectory, Get-EcpVirtualDirectory, Get-ActiveSyncVirtualDirectory (and so on) -Server NAME, with appcmd.exe list app.',
    'Missing on one side: remove it there where it is left (Remove-...VirtualDirectory, or IIS Manager) and make it again with New-...VirtualDirectory. Double: remove the extra one.',
    'Run Setup again.',
  ],
}

function inStatement(view: AttemptView): RuleMatch | undefined {
  const matching = said(view, statements).filter(({ text }) => named.test(text))
  const match = stated(
    { ...view, said: phrase => view.said(phrase).filter(({ text }) => named.test(text)) },
    statements,
  )
  const words = /(?:\[ERROR\]|ErrorRecord:) *(.{12,200}?)(?:\.(?: |$)|$)/.exec(matching[0]?.text ?? '')?.[1]
  return match === undefined
    ? undefined
    : { ...match, ...(words === undefined ? {} : { title: `Virtual directory: ${words}` }) }
}

/** A process of Setup failed, and the one it had started last was IIS's own tool. */
function stopped(view: AttemptView): RuleMatch | undefined {
  const [failed] = said(view, [process])
  if (failed === undefined || view.attempt.outcome === 'succeeded') return undefined
  const started = view.said(appCmd).findLast(({ line }) => line < failed.line)
  if (started === undefined || failed.line - started.line > 40) return undefined
  const code = /exit code (-?\d+)/.exec(failed.text)?.[1]
  return {
    confidence: 'certain',
    title: `IIS refused what Setup asked of it: appcmd.exe ended with exit code ${code ?? 'unknown'}`,
    evidence: evidenceOf(started, failed),
  }
}
