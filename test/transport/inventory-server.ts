import type { Credential, InventoryServer, SshOptions } from '../../src/inventory/model.js'

/** A server of an inventory at 127.0.0.1. */
export function inventoryServer(port: number, credential: Credential, ssh: SshOptions = {}): InventoryServer {
  return {
    name: 'ex-01',
    host: '127.0.0.1',
    port,
    transport: 'ssh',
    roles: ['mailbox'],
    groups: [],
    internetFacing: false,
    credential,
    ssh,
    winrm: {},
  }
}
