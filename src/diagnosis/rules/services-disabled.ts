import type { Sighting } from '../attempt.js'
import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { said, stated } from '../stated.js'
import { xmlEvent } from '../xml-event.js'

const disabled = [
  'either because it is disabled or because it has no enabled devices',
  'the service is disabled or because',
]
const changed = ['was changed from', 'Service Control Manager']
const prerequisite = ['is either disabled or', 'service is disabled']

/** Article, "Additional Issues" (KB930809); exchange.md 0, facts 1 and 2; Service Control Manager 7040; Win32 1058. */
export const servicesDisabled: Rule = {
  id: 'services-disabled',
  title: 'Services are disabled, most likely left so by an earlier update',
  about:
    'An update disables services while it works, W3SVC, IISAdmin, WinMgmt and RemoteRegistry among them. When it does not come to its ' +
    'end they stay disabled, and the next installation, or Exchange itself, cannot start them.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch: [...disabled, ...changed, ...prerequisite],
  match: view => statedOf(view) ?? leftDisabled(view),
  remedy: [
    'Look which are disabled: Get-WmiObject Win32_Service | where { $_.StartMode -eq "Disabled" }. If WMI itself is: sc.exe config WinMgmt start= auto',
    'Put the start types back: sc.exe config NAME start= auto (W3SVC, IISAdmin, WinMgmt, RemoteRegistry, MSExchange services; POP3 and IMAP4: demand).',
    'Move C:\\ExchangeSetupLogs\\Service*.xml away, so that the next update does not save "Disabled" as the truth.',
    'Start the services, MSExchangeADTopology first, and install again if the update is not on yet.',
  ],
  fix: 'exroll restore -i INVENTORY --from-defaults',
}

/** With the name of the service, where the lines that tell of the failure have it. */
function statedOf(view: AttemptView): RuleMatch | undefined {
  const match = stated(view, [...disabled, ...prerequisite], [1058])
  const told = match?.evidence.map(({ text }) => text).join(' ') ?? ''
  const name = /\((\w+)\)' cannot be started|start service '?(\w+)'?/i.exec(told)?.slice(1).find(Boolean)
  if (match === undefined || name === undefined) return match
  return { ...match, title: `The service ${name} is disabled, most likely left so by an earlier update` }
}

/** 7040: start types that went to disabled and did not come back. */
function leftDisabled(view: AttemptView): RuleMatch | undefined {
  const last = new Map<string, { event: Sighting; to: string }>()
  for (const event of said(view, changed)) {
    const change = startTypeChange(event)
    if (change !== undefined) last.set(change.name, { event, to: change.to })
  }
  const left = [...last].filter(([, { to }]) => /^disabled/i.test(to))
  if (left.length === 0) return undefined
  const names = left.map(([name]) => name)
  return {
    confidence: 'likely',
    title: `These services were set to disabled and not back: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`,
    evidence: evidenceOf(...left.slice(0, 4).map(([, { event }]) => event)),
  }
}

function startTypeChange({ text, tail }: Sighting): { name: string; to: string } | undefined {
  const words = /start type of the (.{1,80}?) service was changed from .{1,30}? to (\w+)/.exec(text)
  if (words?.[1] !== undefined && words[2] !== undefined) return { name: words[1], to: words[2] }
  const { id, data } = xmlEvent(tail) ?? { id: 0, data: [] }
  const [name, , to] = data
  return id === 7040 && name !== undefined && to !== undefined ? { name, to } : undefined
}
