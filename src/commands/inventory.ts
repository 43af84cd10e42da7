import { resolve } from 'node:path'
import type { Command } from 'commander'
import { UsageError } from '../errors.js'
import { type Inventory, type InventoryServer, roles } from '../inventory/model.js'
import { selectServers } from '../inventory/select.js'
import { registerDiscover } from './inventory-discover.js'
import type { CommandIo } from './io.js'
import { readInventory } from './read-input.js'

interface Options {
  inventory?: string
  limit?: string
  json?: true
}

export function register(program: Command, io: CommandIo): void {
  const inventory = program
    .command('inventory')
    .description('check an inventory, list what a pattern selects, or discover one')
  inventory
    .command('check')
    .description('say everything that is wrong with an inventory, or that nothing is; contacts no server')
    .argument('[file]', 'the inventory')
    .option('-i, --inventory <file>', 'the inventory, as the other commands name it')
    .action((file: string | undefined, options: Options) => {
      const found = read(file, options, io)
      io.stdout.write(`${found.file}: ${counted(found)}, nothing wrong\n`)
    })
  inventory
    .command('list')
    .description('list the servers, or those that a pattern selects; contacts no server and shows no secret')
    .argument('[file]', 'the inventory')
    .option('-i, --inventory <file>', 'the inventory, as the other commands name it')
    .option('--limit <pattern>', 'names, globs, role: site: group: cluster:; ! not, comma or, & and')
    .option('--json', 'as JSON')
    .action((file: string | undefined, options: Options) => {
      const found = read(file, options, io)
      const servers = options.limit === undefined ? found.servers : selectServers(found, options.limit)
      io.stdout.write(options.json === true ? `${JSON.stringify(servers.map(toRow), null, 2)}\n` : table(servers))
    })
  registerDiscover(inventory, io)
}

function read(file: string | undefined, { inventory }: Options, io: CommandIo): Inventory {
  const named = file ?? inventory
  if (named !== undefined && (file === undefined || inventory === undefined))
    return readInventory(resolve(io.cwd, named))
  throw new UsageError(named === undefined ? 'Which inventory?' : 'Two inventories were named.', {
    code: 'USAGE',
    hint: 'exroll inventory check FILE',
  })
}

function counted({ servers }: Inventory): string {
  const byRole = roles
    .map(role => ({ role, count: servers.filter(server => server.roles.includes(role)).length }))
    .filter(({ count }) => count > 0)
    .map(({ role, count }) => `${role} ${count}`)
  return `${servers.length === 1 ? '1 server' : `${servers.length} servers`} (${byRole.join(', ')})`
}

/** What of a server may be shown: of its credential, the name. */
function toRow(server: InventoryServer) {
  const { name, host, port, transport, groups, site, internetFacing, cluster, credential } = server
  return {
    ...{ name, host, port, transport, roles: server.roles, groups, site: site ?? null, internetFacing },
    ...{ cluster: cluster ?? null, credential: credential.name },
  }
}

function table(servers: readonly InventoryServer[]): string {
  const head = ['name', 'roles', 'address', 'transport', 'site', 'cluster', 'groups']
  const rows = servers.map(({ name, roles, host, port, transport, site, cluster, groups, internetFacing }) => [
    name,
    `${roles.join(' ')}${internetFacing ? ' (internet)' : ''}`,
    `${host.includes(':') ? `[${host}]` : host}:${port}`,
    transport,
    site ?? '-',
    cluster === undefined ? '-' : `${cluster.type} ${cluster.name}`,
    groups.join(' ') || '-',
  ])
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)))
  const lines = [head, ...rows].map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}
