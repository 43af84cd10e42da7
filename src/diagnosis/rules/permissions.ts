import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  "isn't a member of the 'Enterprise Admins'",
  "isn't a member of the 'Schema Admins'",
  "You must be a member of the 'Organization Management'",
  "You must be a member of the 'Domain Admins'",
  "You must use an account that's a member of",
  'You must use an account that is a member of',
  'must be a member of the',
  'INSUFF_ACCESS_RIGHTS',
  'INSUFFICIENT_ACCESS_RIGHTS',
  'SecErr: DSID',
  'Insufficient access rights to perform the operation',
  'does not have the required permissions',
  "doesn't have the required permissions",
  'does not have sufficient permissions',
]

/** exchange.md 6.3, AD preparation: the account lacks a group or a right in Active Directory. */
export const permissions: Rule = {
  id: 'permissions',
  title: 'The account that installs lacks rights in Active Directory or Exchange',
  about:
    'Setup needs Organization Management; for a new schema also Schema Admins and Enterprise Admins; for the domain Domain Admins. ' +
    'INSUFF_ACCESS_RIGHTS on one object mostly means that its inheritance was turned off.',
  kinds: ['exchange-setup', 'msi', 'update-cas', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'See what the account has: whoami /groups',
    'Put it into the groups that the line names (Organization Management; for the schema Schema Admins and Enterprise Admins too), log off and on again.',
    'If it is in them: on the object that the line names, turn inheritance on again (ADSI Edit, Security, Advanced).',
    'Start Setup again from an elevated prompt.',
  ],
}
