import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'Failure configuring SearchFoundation',
  'Error occurred while configuring Search Foundation',
  'Old nodes belonging to the system',
]

/** exchange.md 6.3. */
export const searchFoundation: Rule = {
  id: 'search-foundation',
  title: 'The search component (Search Foundation) could not be configured',
  about:
    'Setup runs installconfig.ps1 for Search Foundation, which waits for its nodes. Nodes left by an earlier attempt, a service that does ' +
    'not start, or the antivirus make it fail.',
  kinds: ['exchange-setup', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'End the left-over nodes: stop the services Microsoft Exchange Search and Microsoft Exchange Search Host Controller.',
    'In Exchange\\Bin\\Search\\Ceres\\HostController\\Data rename the folder Nodes, then from Exchange\\Bin\\Search\\Ceres\\Installer run: .\\installconfig.ps1 -action U, and then: .\\installconfig.ps1 -action I -dataFolder "<Exchange>\\Bin\\Search\\Ceres\\HostController\\Data"',
    'Run Setup again.',
  ],
}
