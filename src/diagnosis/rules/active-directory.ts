import type { AttemptView, Rule, RuleMatch } from '../rule.js'
import { said, stated } from '../stated.js'

const statements = [
  'Setup encountered a problem while validating the state of Active Directory',
  "Either Active Directory doesn't exist, or it can't be contacted",
  'belongs to Active Directory site',
  'needs to be prepared using',
  'Run setup with the /prepareAD',
  '/PrepareAD',
  '/PrepareSchema',
  '/PrepareDomain',
  'to import the schema file',
  'Active Directory operation failed on',
  'Active Directory server',
  'Could not find any available Domain Controller',
  'Could not find any available Global Catalog',
  'The LDAP server is unavailable',
  'Database is mandatory on UserMailbox',
  'is not unique forest-wide',
  'otherWellKnownObjects',
  'wrong group type',
  'invalid DN or a deleted object',
  'inconsistent state',
  'domain functional level',
  'forest functional level',
  'the schema master',
  'The object exists.',
  'No servers could be found on the domain controller',
  "isn't in a valid Active Directory",
  'An Active Directory error',
  'The specified domain either does not exist',
  "couldn't be found on",
  "Couldn't resolve the user or group",
  'The trust relationship between',
  'The specified directory service attribute or value does not exist',
  'CreateOrMoveEWPGroup',
]
/** Says that Setup did not get through, not why. */
const vague = ['Unable to set shared config DC']
const moreExact = ['virtual-directory', 'services-not-started']

/** exchange.md 6.3: AD preparation, reachability, objects that Setup trips over. */
export const activeDirectory: Rule = {
  id: 'active-directory',
  title: 'Active Directory is not as Setup needs it, or cannot be reached',
  about:
    'The schema or a domain is not prepared, no domain controller of the own site answers, or an object of Exchange is missing, double or ' +
    'inconsistent. The line names which.',
  kinds: ['exchange-setup', 'update-cas', 'unknown'],
  watch: [...statements, ...vague],
  match(view) {
    const own = withoutRights(view)
    const match = stated(own, statements) ?? likely(stated(own, vague))
    if (match === undefined || view.found.some(({ id }) => moreExact.includes(id))) return undefined
    return { ...match, ...told(own) }
  },
  remedy: [
    'Read the object and the domain controller in the line.',
    'Check the way there: nltest /dsgetdc:DOMAIN /force, repadmin /replsummary. A second hop (a remote session without delegation) looks the same: log on at the server itself.',
    'If the schema or a domain is not prepared: Setup /PrepareSchema, /PrepareAD, /PrepareDomain with an account of Enterprise Admins, wait for replication.',
    'If an object is wrong (no database, not unique, already there): mend it with ADSI Edit or the Exchange Management Shell.',
    'Start Setup again.',
  ],
}

function likely(match: RuleMatch | undefined): RuleMatch | undefined {
  return match === undefined ? undefined : { ...match, confidence: 'likely' }
}

/** A right that is missing is `permissions`; Setup tells it as a failed operation too. */
function withoutRights(view: AttemptView): AttemptView {
  if (!view.found.some(({ id }) => id === 'permissions')) return view
  const lacks = /INSUFF_ACCESS_RIGHTS|insufficient access rights|Access is denied/i
  return { ...view, said: phrase => view.said(phrase).filter(({ text }) => !lacks.test(text)) }
}

/** Setup's own sentence is the best title there is; where it only says that an operation failed, the one after it. */
function told(view: AttemptView): Pick<RuleMatch, 'title'> {
  const [first] = said(view, [...statements, ...vague])
  if (/CreateOrMoveEWPGroup/.test(first?.text ?? '')) {
    return {
      title: 'Active Directory: the organizational unit "Microsoft Exchange Security Groups" or a group in it is gone',
    }
  }
  const words =
    /(?:\[(?:ERROR|REQUIRED)\]|ErrorRecord:) *(?:[\w.]+Exception: )?(?:(?:An )?Active Directory (?:operation failed on \S+\.|error \S+ occurred) (?:This error is not retriable\. )?(?:Additional information: )?)?(.{12,})/.exec(
      first?.text ?? '',
    )?.[1]
  const sentence =
    /^.{12,160}?(?=\.(?: |$)|$)/.exec(words ?? '')?.[0] ?? words?.slice(0, 160).replace(/\s+\S*$/, ' ...')
  return sentence === undefined ? {} : { title: `Active Directory: ${sentence}` }
}
