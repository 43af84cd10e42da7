import type { LogKind } from './finding.js'

/** Characters from the beginning of a log that its kind is told by. */
export const kindHead = 1 << 16

/** Marks of each kind and what one of them weighs; the kind with the heaviest marks wins. */
const marks: readonly { kind: LogKind; weight: number; expression: RegExp }[] = [
  { kind: 'msi', weight: 2, expression: /SI \([A-Za-z]\) \([0-9A-F]{1,8}[:!][0-9A-F]{1,8}\)/g },
  { kind: 'msi', weight: 2, expression: /=== (?:Verbose )?[Ll]ogging (?:started|stopped): /g },
  { kind: 'msi', weight: 2, expression: /(?:^|\n)[^\w\n]*Action (?:start |ended )?\d{1,2}:\d\d:\d\d: /g },
  { kind: 'msi', weight: 2, expression: /\u64cd\u4f5c\S* ?\d{1,2}:\d\d:\d\d: /g },
  { kind: 'msi', weight: 1, expression: /(?:^|\n)Property\([A-Z]\): |MainEngineThread is returning|returned actual error code/g },
  { kind: 'msi', weight: 2, expression: /(?:^|\n)[ \t>*`]*(?:SOURCEMGMT: |Note: 1: \d{4}|PATCH SEQUENCER: |MainEngineThread is returning|Executing op: )/g },
  { kind: 'msi', weight: 2, expression: /Product: .{1,200} -- (?:Installation|Configuration|Removal)(?: operation)? (?:failed|completed)|Windows Installer (?:re)?(?:installed|configured|removed) (?:the product|an update)\./g },
  { kind: 'exchange-setup', weight: 2, expression: /(?:^|\n)[ \t>*`]*\[?\d\d[./-]\d\d[./-]\d{4} \d\d[:.]\d\d[:.]\d\d\.\d{3,4}\]? \[(?:\d+|[A-Z-]+)\] /g },
  { kind: 'exchange-setup', weight: 2, expression: /\[ERROR\] (?:The following error was generated when "|Installing product |Couldn't remove product |Unable to remove product |Active Directory )|\[ERROR-REFERENCE\] Id=|The Exchange Server setup operation (?:didn't complete|completed successfully)|(?:^|\n)[^\w\n]*(?:Welcome to )?Microsoft Exchange Server .{0,60}Unattended Setup/gi },
  {
    kind: 'service-control',
    weight: 3,
    expression: /(?:^|\n)[ \t>*`]*\[\d\d:\d\d:\d\d\] (?:\[\w+\] )?(?:.{0,80}ServiceControl|Performing service control|(?:Stopping|Disabling|Enabling|Starting|Sav|Read|Loaded|Remov)[^\n]{0,30}servic|\(\d\) |Script completed|State file |Adding to installed roles|'[^']+' (?:was|did)|-{20})/gi,
  },
  { kind: 'update-cas', weight: 3, expression: /(?:^|\n)[ \t>*`]*\[\d\d:\d\d:\d\d\] [^\n]{0,200}(?:OWA|ECP|UpdateCas|web\.config|ClientAccess|Aborting)/gi },
  { kind: 'events', weight: 3, expression: /<Event[ >]|(?:^|\n)[^\w\n]*Event ID\W|(?:^|\n)[^\w\n]*EventID\W|<EventID|"?Source"?\W{1,20}MsiInstaller|MsiInstaller,|ProviderName/gi },
] // biome-ignore format: a table

/** What a log is, by its content: names lie, and people rename. */
export function sniffKind(head: string): LogKind {
  const votes = new Map<LogKind, number>()
  for (const { kind, weight, expression } of marks) {
    const found = head.match(expression)?.length ?? 0
    if (found > 0) votes.set(kind, (votes.get(kind) ?? 0) + found * weight)
  }
  let best: LogKind = 'unknown'
  for (const [kind, count] of votes) if (count > (votes.get(best) ?? 0)) best = kind
  return best
}
