// Copies one file to one server of an inventory with exroll's own transport. Usage: node copy-one.mjs DIST INVENTORY SERVER LOCAL REMOTE
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [dist, inventoryFile, name, local, remote] = process.argv.slice(2)
const load = path => import(pathToFileURL(join(resolve(dist), path)).href)
const { parseInventory } = await load('parse-inventory.js')
const { openSecrets } = await load('secrets.js')
const { transports } = await load('transport-for.js')

const inventory = parseInventory(readFileSync(inventoryFile, 'utf8'), resolve(inventoryFile))
const server = inventory.servers.find(one => one.name === name)
const session = await transports({ secrets: openSecrets({ env: process.env }) })(server).connect()
// The server hashes what it has, as it does in a run; without this the file would be read back.
const hash = async path =>
  (await session.run({ line: `certutil -hashfile "${path}" SHA256` })).stdout.split('\r\n')[1].replaceAll(' ', '')
await session.upload(local, remote, server.transport === 'ssh' ? { hash } : {})
await session.close()
