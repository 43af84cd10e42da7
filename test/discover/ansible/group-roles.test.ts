import { describe, expect, it } from 'vitest'
import { rolesOfGroup } from '../../../src/discover/ansible/group-roles.js'

describe('rolesOfGroup', () => {
  it.each([
    ['cas', ['cas']],
    ['Exchange-2007-Hub-Transport', ['hub']],
    ['exchange_mailbox_servers', ['mailbox']],
    ['ClientAccessServers', ['cas']],
    ['cas_hub', ['cas', 'hub']],
    ['mbx02', ['mailbox']],
    ['edge_routers', []],
    ['exchange', []],
    ['hubspot', []],
    ['client', []],
  ])('%s: %j', (group, roles) => {
    expect(rolesOfGroup(group)).toEqual(roles)
  })
})
