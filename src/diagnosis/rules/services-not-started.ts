import type { Sighting } from '../attempt.js'
import { type AttemptView, evidenceOf, type Rule, type RuleMatch } from '../rule.js'
import { checkWatch, leadsToFailure, required, said, stated, sureness } from '../stated.js'
import { xmlEvent } from '../xml-event.js'

const manager = 'Service Control Manager'
const timeouts = ['did not respond to the start or control request', 'Timeout (', 'A timeout was reached (']
const topology = [
  "Topology Provider coundn't find the Microsoft Exchange Active Directory Topology service",
  "Topology Provider couldn't find the Microsoft Exchange Active Directory Topology service",
]
const sharedDc = 'Unable to set shared config DC'
const endpoints = ['There are no more endpoints available from the endpoint mapper']
const notRunning = [
  'service must be running',
  'service must be started',
  "service isn't running",
  'service is not running',
  'The service has not been started',
]

/** Article, "Services Are Not Automatically Restarted" (KB944752; exchange.md 3.1, 6.3). */
export const servicesNotStarted: Rule = {
  id: 'services-not-started',
  title: 'Exchange services did not start',
  about:
    'After a rollup managed services time out at their first start (System events 7000 and 7009, KB944752), mostly because the server ' +
    'cannot reach the certificate revocation list. In Setup: a service that it needs, such as Active Directory Topology or Windows ' +
    'Firewall, does not run.',
  kinds: ['events', 'exchange-setup', 'unknown'],
  watch: [...timeouts, manager, ...checkWatch, ...topology, sharedDc, ...endpoints, ...notRunning],
  match: view => (view.attempt.kind === 'exchange-setup' ? neededBySetup(view) : timedOut(view)),
  remedy: [
    'Start the services in order, MSExchangeADTopology first: net start MSExchangeADTopology, then the others. On a second try they mostly start.',
    'If they time out again, the server cannot reach the CRL (KB944752): exroll diagnose --explain crl-check',
    'Check that none is Disabled: sc.exe qc NAME',
  ],
  fix: 'exroll restore -i INVENTORY',
}

function timedOut(view: AttemptView): RuleMatch | undefined {
  const events = [
    ...said(view, timeouts).flatMap(event =>
      named(event, /(?:The|the) (.{1,80}?) service (?:did|to|failed)/.exec(event.text)?.[1]),
    ),
    ...said(view, [manager]).flatMap(event => named(event, nameInXml(event.tail))),
  ].sort((a, b) => a.event.line - b.event.line)
  if (events.length === 0) return undefined
  const names = [...new Set(events.map(({ name }) => name))]
  const exchange = names.some(name => /Exchange/i.test(name))
  return {
    confidence: exchange && view.attempt.kind === 'events' ? 'certain' : 'possible',
    title: `These services timed out when they were started: ${listed(names)}`,
    evidence: evidenceOf(...events.slice(0, 4).map(({ event }) => event)),
  }
}

function named(event: Sighting, name: string | undefined): { event: Sighting; name: string }[] {
  return name === undefined || !/service/i.test(event.text) ? [] : [{ event, name }]
}

/** 7000: name and error; 7009: milliseconds and name. */
function nameInXml(tail: string): string | undefined {
  const { id, data } = xmlEvent(tail) ?? { id: 0, data: [] }
  return id === 7000 ? data[0] : id === 7009 ? data[1] : undefined
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`
}

function neededBySetup(view: AttemptView): RuleMatch | undefined {
  if (view.attempt.outcome === 'succeeded') return undefined
  return topologyDown(view) ?? firewallDown(view) ?? stated(view, notRunning) ?? requiredService(view)
}

/** Setup waits for it, in lines that are no errors, and then says only that it could not set a domain controller. */
function topologyDown(view: AttemptView): RuleMatch | undefined {
  const waited = topology.flatMap(words => view.said(words)).filter(sighting => leadsToFailure(view, sighting))
  const [first] = waited
  if (first === undefined) return undefined
  return {
    confidence: said(view, [sharedDc, ...topology]).length > 0 ? 'certain' : 'likely',
    title: 'The service Microsoft Exchange Active Directory Topology was not running, and Setup needs it',
    evidence: evidenceOf(waited.at(-1), { lines: view.attempt.failureEvidence }),
    remedy: [
      'See why it does not run: sc.exe qc MSExchangeADTopology, and the Application event log (source MSExchange ADAccess).',
      'Put its start type back and start it: sc.exe config MSExchangeADTopology start= auto, then net start MSExchangeADTopology',
      'Run Setup again while it runs.',
    ],
  }
}

function firewallDown(view: AttemptView): RuleMatch | undefined {
  const match = stated(view, endpoints)
  return match === undefined
    ? undefined
    : {
        ...match,
        title: 'The Windows Firewall service does not run, and Setup has to add rules to it (0x800706D9)',
        remedy: [
          'Start it: sc.exe config MpsSvc start= auto, then net start MpsSvc. The firewall itself may stay off in its profiles.',
          'Run Setup again.',
        ],
      }
}

/** Setup's own check of a service, in whatever words. */
function requiredService(view: AttemptView): RuleMatch | undefined {
  const [first] = required(view).filter(
    ({ tail }) => /\bservice\b.*\b(?:stopped|running|started|start)\b/i.test(tail) && !/disabled/i.test(tail),
  )
  return first === undefined
    ? undefined
    : { confidence: sureness(view, [first]), evidence: evidenceOf(first), title: first.tail }
}
