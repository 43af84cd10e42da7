// Copies one file to one server with exroll's own transport. Usage: node copy-one.mjs DIST SERVER LOCAL REMOTE, where SERVER is a file of JSON:
// the server as inventory/model.ts has it. The others get host and port on their command line, no inventory, either.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [dist, serverFile, local, remote] = process.argv.slice(2)
const load = path => import(pathToFileURL(join(resolve(dist), path)).href)
const { openSecrets } = await load('secrets.js')
const { transports } = await load('transport-for.js')

const server = JSON.parse(readFileSync(serverFile, 'utf8'))
const session = await transports({ secrets: openSecrets({ env: process.env }) })(server).connect()
// The server hashes what it has, as it does in a run; without this the file would be read back.
const hash = async path =>
  (await session.run({ line: `certutil -hashfile "${path}" SHA256` })).stdout.split('\r\n')[1].replaceAll(' ', '')
await session.upload(local, remote, server.transport === 'ssh' ? { hash } : {})
await session.close()
