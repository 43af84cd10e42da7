import { isAlias, isMap, isScalar, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import { asLayer, layersOf, mergeLayers } from '../inventory/merge.js'
import { type Edits, setKey } from './edit-server.js'
import { inFlow } from './flow.js'
import { matchServers } from './match.js'
import type { DiscoveredLogon, DiscoveredServer, Discovery } from './model.js'
import {
  credentialKeys,
  credentialNames,
  keyOf,
  type NewInventoryOptions,
  serverKeys,
  versionComment,
} from './new-inventory.js'
import { applyEdits, columnOf, endOfLine, lineBreak, type TextEdit } from './text-edit.js'

export interface Merged {
  text: string
  /** Names, as the file will have them. */
  added: string[]
  changed: { name: string; keys: string[] }[]
  /** Servers of the file that the source does not know. They stay. */
  unknown: string[]
  /** Differences that only a person can write, as the place is shared or commented. */
  byHand: string[]
}

type Layer = Readonly<Record<string, unknown>>

/**
 * An inventory's text with what was discovered: new servers at the end of `servers`, and roles, site and cluster where what holds for a server differs. Nothing is removed, and
 * every other byte stays. `text` has to be a right inventory (`parseInventory`).
 */
export function mergeInventory(text: string, discovery: Discovery, options: NewInventoryOptions): Merged {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const source = text.slice(mark.length)
  const document = parseDocument(source)
  const servers = document.get('servers', true)
  const inventory = asLayer(document.toJS())
  if (!isSeq(servers) || !Array.isArray(inventory.servers)) throw new Error('the inventory was not checked')
  const layers = inventory.servers.map(asLayer)
  const listed = layers.map(({ name, host }) => ({ name: String(name), host: String(host) }))
  const matches = matchServers(discovery.servers, listed)
  const changed: Merged['changed'] = []
  const byHand: string[] = []
  const edits: TextEdit[] = []
  for (const [at, server] of discovery.servers.entries()) {
    const index = matches[at]
    const own = index === undefined ? undefined : layers[index]
    if (index === undefined || own === undefined) continue
    const name = String(own.name)
    const keys: string[] = []
    for (const [key, value] of differences(server, mergeLayers(layersOf(inventory, own)))) {
      const found = editOf(source, servers.items[index], key, value)
      if (found === undefined) byHand.push(`${name}: ${key}: ${inFlow(value)}`)
      else {
        edits.push(...found)
        keys.push(key)
      }
    }
    if (keys.length > 0) changed.push({ name, keys })
  }
  const fresh = discovery.servers.filter((_, at) => matches[at] === undefined)
  if (fresh.length > 0)
    edits.push(
      ...additions(source, { servers, credentials: document.get('credentials', true), inventory }, fresh, options),
    )
  return {
    text: mark + applyEdits(source, edits),
    added: fresh.map(({ name }) => name),
    changed,
    unknown: listed.filter((_, index) => !matches.includes(index)).map(({ name }) => name),
    byHand,
  }
}

function editOf(source: string, node: unknown, key: string, value: unknown): Edits {
  return isMap(node) && node.anchor === undefined ? setKey(source, node, key, value) : undefined
}

/** What the source knows otherwise than it holds for the server now. */
function* differences(server: DiscoveredServer, merged: Layer): Generator<[string, unknown]> {
  const roles: unknown[] = Array.isArray(merged.roles) ? merged.roles : []
  if (roles.length !== server.roles.length || server.roles.some(role => !roles.includes(role)))
    yield ['roles', server.roles]
  if (server.site !== undefined && !same(server.site, merged.site)) yield ['site', server.site]
  const { type, name } = asLayer(merged.cluster)
  if (server.cluster !== undefined && !(server.cluster.type === type && same(server.cluster.name, name))) {
    yield ['cluster', { type: server.cluster.type, name: server.cluster.name }]
  }
}

function same(a: string, b: unknown): boolean {
  return typeof b === 'string' && a.toLowerCase() === b.toLowerCase()
}

interface Places {
  servers: YAMLSeq
  credentials: unknown
  inventory: Layer
}

function additions(
  source: string,
  { servers, credentials, inventory }: Places,
  fresh: readonly DiscoveredServer[],
  { logon, describe }: NewInventoryOptions,
): TextEdit[] {
  const { transport, credential } = asLayer(inventory.defaults)
  const known = asLayer(inventory.credentials)
  const needed = new Map<string, DiscoveredLogon>()
  const wanted = credentialNames([...fresh.flatMap(server => server.logon ?? []), logon], Object.keys(known))
  const keys = fresh.map(server => {
    const own = server.logon ?? (credential === undefined ? logon : undefined)
    const there = own === undefined ? undefined : Object.keys(known).find(name => logsOnAs(known[name], own))
    const name = own === undefined ? undefined : (there ?? wanted.get(keyOf(own)))
    if (own !== undefined && name !== undefined && there === undefined) needed.set(name, own)
    return serverKeys(server, {
      ...(server.transport !== undefined &&
        server.transport !== (transport ?? 'ssh') && { transport: server.transport }),
      ...(name !== undefined && name !== credential && { credential: name }),
    })
  })
  const lines = keys.map((each, at) => ({
    text: inFlow(each),
    comment: versionComment(fresh[at] as DiscoveredServer, describe),
  }))
  return [...addItems(source, servers, lines), ...addCredentials(source, credentials, needed)]
}

function logsOnAs(credential: unknown, { username, keyFile }: DiscoveredLogon): boolean {
  const { username: known, key } = asLayer(credential)
  return same(username, known) && (keyFile === undefined || asLayer(key).file === keyFile)
}

function addItems(source: string, servers: YAMLSeq, lines: readonly { text: string; comment: string }[]): TextEdit[] {
  const last = endOf(source, servers.items.at(-1))
  if (servers.flow) return [{ start: last, end: last, text: lines.map(({ text }) => `, ${text}`).join('') }]
  const indent = `${lineBreak(source)}${' '.repeat(columnOf(source, startOf(servers)))}- `
  const place = endOfLine(source, last)
  return [{ start: place, end: place, text: lines.map(({ text, comment }) => `${indent}${text}${comment}`).join('') }]
}

/** New credentials stand before the first of those there are: a right inventory has one. */
function addCredentials(
  source: string,
  credentials: unknown,
  needed: ReadonlyMap<string, DiscoveredLogon>,
): TextEdit[] {
  const written = [...needed].map(([name, logon]) => `${inFlow(name)}: ${inFlow(credentialKeys(logon))}`)
  if (written.length === 0) return []
  const { key } = (credentials as YAMLMap).items[0] ?? {}
  const start = startOf(key)
  const between = (credentials as YAMLMap).flow ? ', ' : `${lineBreak(source)}${' '.repeat(columnOf(source, start))}`
  return [{ start, end: start, text: written.map(one => `${one}${between}`).join('') }]
}

function startOf(node: unknown): number {
  return rangeOf(node)[0]
}

/** Without the space and the line breaks behind it. */
function endOf(source: string, node: unknown): number {
  const [start, end] = rangeOf(node)
  return start + source.slice(start, end).trimEnd().length
}

function rangeOf(node: unknown): readonly [number, number] {
  const range = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range : undefined
  if (!range) throw new Error('the inventory was not read from a text')
  return [range[0], range[1]]
}
