import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = ['Failed to mount database', "Couldn't mount the database"]

/** exchange.md 6.3. */
export const databaseNotMounted: Rule = {
  id: 'database-not-mounted',
  title: 'A mailbox database could not be mounted, and Setup needs it',
  about:
    'Setup brings the system mailboxes up to date, and their database has to be mounted for that. The line names the database.',
  kinds: ['exchange-setup', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'See why: Get-MailboxDatabase -Status | fl Name, Mounted, EdbFilePath, and the Application event log (sources ESE, MSExchangeIS).',
    'Mount it: Mount-Database NAME',
    'Run Setup again.',
  ],
}
