import type { InputDocument } from '../input/document.js'
import { didYouMean } from '../input/near.js'
import type { Problem } from '../input/problem.js'
import { asLayer, defaultPort, layersOf, mergeLayers } from './merge.js'
import { transportNames } from './model.js'

type Path = (string | number)[]
type Report = (path: Path, problem: Pick<Problem, 'code' | 'message' | 'instead'>) => void
type Layer = Readonly<Record<string, unknown>>

interface Member {
  index: number
  own: Layer
  merged: Layer
}

/**
 * What no schema of one place can see: names that are used twice or are not there, two servers at one address, clusters with
 * the wrong number of members, servers without roles or credential. Works on the plain value, so that it says its part in a file that has
 * other problems too.
 */
export function crossCheck(document: InputDocument): Problem[] {
  const inventory = asLayer(document.value)
  const servers = Array.isArray(inventory.servers) ? inventory.servers : []
  const members = servers.map((server, index): Member => {
    const own = asLayer(server)
    return { index, own, merged: mergeLayers(layersOf(inventory, own)) }
  })
  const problems: Problem[] = []
  const report: Report = (path, problem) => problems.push({ ...document.at(path), ...problem })
  const lineOf = (index: number): number => document.at(['servers', index]).line

  checkReferences(inventory, members, report)
  for (const member of members) checkWhole(member, inventory, report)
  checkTwice(members, lineOf, report)
  checkClusters(members, report)
  return problems
}

function checkReferences(inventory: Layer, members: readonly Member[], report: Report): void {
  const known = asLayer(inventory.credentials)
  const credentials = Object.keys(known)
  const groups = Object.keys(asLayer(inventory.groups))
  const layers: { path: Path; layer: Layer }[] = [
    { path: ['defaults'], layer: asLayer(inventory.defaults) },
    ...groups.map(name => ({ path: ['groups', name], layer: asLayer(asLayer(inventory.groups)[name]) })),
    ...members.map(({ index, own }) => ({ path: ['servers', index], layer: own })),
  ]
  for (const { path, layer } of layers) {
    const named = (name: unknown, at: Path): void => {
      if (typeof name === 'string' && !credentials.includes(name)) {
        report([...path, ...at], notThere('credential', name, credentials))
      } else if (typeof name === 'string' && !canLogOn(asLayer(known[name]))) {
        report([...path, ...at], {
          code: 'NO_LOGON',
          message: `"${name}" is a managed service account without a password: it runs installs, and logs on nowhere`,
          instead: 'another credential here; install.run_as of a playbook takes this one',
        })
      }
    }
    if (path[0] !== 'servers' && asLayer(layer.winrm).certificate_check !== undefined) {
      report([...path, 'winrm', 'certificate_check'], {
        code: 'EXCEPTION_PER_SERVER',
        message: 'a certificate that is not looked at is an exception of one server',
        instead: 'fingerprint: ... | ca: ... here, certificate_check on the server that needs it',
      })
    }
    named(layer.credential, ['credential'])
    named(asLayer(layer.ssh).jump_credential, ['ssh', 'jump_credential'])
  }
  for (const { index, own } of members) {
    const names: unknown[] = Array.isArray(own.groups) ? own.groups : []
    names.forEach((name, at) => {
      if (typeof name !== 'string' || groups.includes(name)) return
      report(['servers', index, 'groups', at], notThere('group', name, groups))
    })
  }
}

/** A credential without any way to log on is wrong by itself, unless it is a managed service account (its schema says so). */
function canLogOn({ username, password, key, agent }: Layer): boolean {
  if (typeof username !== 'string' || !username.endsWith('$')) return true
  return password !== undefined || key !== undefined || agent === true
}

function notThere(kind: 'credential' | 'group', name: string, known: readonly string[]) {
  const near = didYouMean(name, known)
  const meant = near === undefined ? '' : `, did you mean "${near}"?`
  const others = known.length === 0 ? `a ${kind} under ${kind}s:` : `one of: ${known.join(', ')}`
  return {
    code: `${kind.toUpperCase()}_UNKNOWN`,
    message: `there is no ${kind} "${name}"${meant}`,
    instead: near ?? others,
  }
}

/** Keys that a server must have from one layer or another. */
function checkWhole({ index, own, merged }: Member, inventory: Layer, report: Report): void {
  const missing = (key: string, instead: string): void => {
    if (merged[key] !== undefined || mayBeMeant(key, own, inventory)) return
    const message = `"${key}" is missing: neither the server nor its groups nor defaults have it`
    report(['servers', index], { code: 'MISSING_KEY', message, instead })
  }
  missing('roles', 'roles: [cas]')
  missing('credential', 'credential: NAME, on the server or under defaults')
  const { scheme = 'http', auth, clear_text } = asLayer(merged.winrm)
  if (scheme === 'http' && (auth === 'certificate' || (auth === 'basic' && clear_text === undefined))) {
    // MS-WSMV 2.2.9.1: only Negotiate and Kerberos seal what goes over HTTP.
    const message = `winrm auth ${auth} over http would not be encrypted`
    report(['servers', index, 'winrm', 'auth'], {
      code: 'NOT_SEALED',
      message,
      instead: 'scheme: https | auth: negotiate',
    })
  }
}

/** A misspelt key or group is one mistake and told as such: that `roles` is missing then is its echo. */
function mayBeMeant(key: string, own: Layer, { groups, defaults }: Layer): boolean {
  const names: unknown[] = Array.isArray(own.groups) ? own.groups : []
  if (names.some(name => typeof name === 'string' && !Object.hasOwn(asLayer(groups), name))) return true
  const keys = [own, asLayer(defaults), ...Object.values(asLayer(groups)).map(asLayer)].flatMap(layer =>
    Object.keys(layer),
  )
  return keys.some(word => word !== key && didYouMean(word, [key]) !== undefined)
}

function checkTwice(members: readonly Member[], lineOf: (index: number) => number, report: Report): void {
  const names = new Map<string, number>()
  const addresses = new Map<string, number>()
  for (const { index, own, merged } of members) {
    const { name, host } = own
    if (typeof name === 'string') {
      const first = names.get(name.toLowerCase())
      if (first === undefined) names.set(name.toLowerCase(), index)
      else {
        const message = `another server (line ${lineOf(first)}) is called "${name}" too`
        report(['servers', index, 'name'], {
          code: 'DUPLICATE_NAME',
          message,
          instead: 'another name, or one entry only',
        })
      }
    }
    if (typeof host !== 'string') continue
    const address = addressOf(host, merged)
    const first = addresses.get(address)
    if (first === undefined) addresses.set(address, index)
    else {
      const message = `another server (line ${lineOf(first)}) has this address too`
      const instead = 'another host or port: one server, one entry'
      report(['servers', index, 'host'], { code: 'DUPLICATE_ADDRESS', message, instead })
    }
  }
}

/** Behind another jump host the same private address is another server. */
function addressOf(host: string, merged: Layer): string {
  const { port, ssh } = merged
  const transport = transportNames.find(known => known === merged.transport) ?? 'ssh'
  const jump = transport === 'ssh' || transport === 'auto' ? asLayer(ssh).jump : undefined
  return `${host.toLowerCase().replace(/\.$/, '')} ${port ?? defaultPort({ ...merged, transport })} ${jump ?? ''}`
}

/** A CCR cluster is one active and one passive node (exchange.md 2.2). */
function checkClusters(members: readonly Member[], report: Report): void {
  const pairs = new Map<string, { name: string; indexes: number[] }>()
  for (const { index, merged } of members) {
    const { type, name } = asLayer(merged.cluster)
    if (type !== 'ccr' || typeof name !== 'string') continue
    const pair = pairs.get(name.toLowerCase()) ?? { name, indexes: [] }
    pairs.set(name.toLowerCase(), { name: pair.name, indexes: [...pair.indexes, index] })
  }
  for (const { name, indexes } of pairs.values()) {
    const [first] = indexes
    if (indexes.length === 2 || first === undefined) continue
    const count = indexes.length === 1 ? 'one member' : `${indexes.length} members`
    const message = `the CCR cluster "${name}" has ${count}, not two`
    const instead = 'the same cluster on both of its nodes, and on no other server'
    report(['servers', indexes[2] ?? first, 'cluster'], { code: 'CLUSTER_SIZE', message, instead })
  }
}
