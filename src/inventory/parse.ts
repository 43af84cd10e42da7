import { checkDocument } from '../input/check.js'
import { readDocument } from '../input/document.js'
import { inputError } from '../input/problem.js'
import { absolutePath, type PathBase } from './absolute-path.js'
import { crossCheck } from './cross-check.js'
import { defaultPort, layersOf, mergeLayers } from './merge.js'
import type {
  Credential,
  Inventory,
  InventoryServer,
  PowershellOptions,
  SecretSource,
  SshOptions,
  WinrmOptions,
} from './model.js'
import { credentialFor } from './per-server.js'
import {
  type CredentialDocument,
  type InventoryDocument,
  inventorySchema,
  type SecretDocument,
  type ServerDocument,
} from './schema.js'

/**
 * The inventory that `text` describes, with defaults and groups merged in and paths absolute. `file` is the absolute path it came
 * from, `home` the operator's home for paths that start with `~/`. Throws `InputError` with every problem at once.
 */
export function parseInventory(text: string, file: string, { home }: { home?: string } = {}): Inventory {
  const document = readDocument(file, text)
  const { value, problems } = checkDocument(document, inventorySchema)
  const all = [...problems, ...(document.value === undefined ? [] : crossCheck(document))]
  if (value === undefined || all.length > 0) throw inputError(file, text, all)
  const base: PathBase = { file, home }
  const credentials = new Map(
    Object.entries(value.credentials ?? {}).map(([name, found]) => [name, toCredential(name, found, base)]),
  )
  return {
    file,
    credentials: [...credentials.values()],
    servers: value.servers.map(server => toServer(server, { inventory: value, credentials, base })),
  }
}

interface Context {
  inventory: InventoryDocument
  credentials: ReadonlyMap<string, Credential>
  base: PathBase
}

function toServer(server: ServerDocument, { inventory, credentials, base }: Context): InventoryServer {
  // The layers have the same keys and types, and every key that must be there was checked.
  const merged = mergeLayers(layersOf(inventory, server)) as unknown as ServerDocument
  const { name, host, transport = 'ssh', groups = [], roles = [], site, cluster } = merged
  const credential = credentialFor(credentialOf(merged.credential ?? '', credentials), { name, host })
  return {
    name,
    host,
    port: merged.port ?? defaultPort({ ...merged, transport }),
    transport,
    roles: [...new Set(roles)],
    groups: [...new Set(groups)],
    ...(site !== undefined && { site }),
    internetFacing: merged.internet_facing ?? false,
    ...(cluster !== undefined && { cluster: { type: cluster.type, name: cluster.name } }),
    credential,
    ssh: toSsh(merged.ssh ?? {}, credentials, base),
    winrm: toWinrm(merged.winrm ?? {}, base),
    ...(merged.powershell !== undefined && { powershell: toPowershell(merged.powershell) }),
  }
}

function credentialOf(name: string, credentials: ReadonlyMap<string, Credential>): Credential {
  const credential = credentials.get(name)
  if (credential === undefined) throw new Error(`credential ${name} was not checked`)
  return credential
}

function toCredential(
  name: string,
  { username, password, key, agent }: CredentialDocument,
  base: PathBase,
): Credential {
  return {
    name,
    username,
    ...(password !== undefined && { password: toSource(password, base) }),
    ...(key !== undefined && {
      key: {
        file: absolutePath(key.file, base),
        ...(key.passphrase !== undefined && { passphrase: toSource(key.passphrase, base) }),
      },
    }),
    ...(agent !== undefined && { agent }),
  }
}

function toSource({ env, file, command, vault }: SecretDocument, base: PathBase): SecretSource {
  if (env !== undefined) return { env }
  if (file !== undefined) return { file: absolutePath(file, base) }
  if (command !== undefined) return { command }
  if (vault === undefined) return { prompt: true }
  return { vault: { entry: vault.entry, ...(vault.name !== undefined && { name: vault.name }) } }
}

function toSsh(
  ssh: NonNullable<ServerDocument['ssh']>,
  credentials: ReadonlyMap<string, Credential>,
  base: PathBase,
): SshOptions {
  return {
    ...(ssh.host_key !== undefined && { hostKey: ssh.host_key }),
    ...(ssh.known_hosts !== undefined && { knownHosts: absolutePath(ssh.known_hosts, base) }),
    ...(ssh.jump !== undefined && { jump: ssh.jump }),
    ...(ssh.jump_credential !== undefined && { jumpCredential: credentialOf(ssh.jump_credential, credentials) }),
    ...(ssh.jump_host_key !== undefined && { jumpHostKey: ssh.jump_host_key }),
    ...(ssh.connect_timeout !== undefined && { connectTimeoutMs: ssh.connect_timeout }),
    ...(ssh.keep_alive !== undefined && { keepAliveMs: ssh.keep_alive }),
  }
}

function toPowershell({
  over = 'winrm',
  authentication,
  configuration,
  use_ssl,
  subsystem,
}: NonNullable<ServerDocument['powershell']>): PowershellOptions {
  return {
    over,
    ...(authentication !== undefined && { authentication }),
    ...(configuration !== undefined && { configuration }),
    ...(use_ssl !== undefined && { useSsl: use_ssl }),
    ...(subsystem !== undefined && { subsystem }),
  }
}

function toWinrm(
  { scheme, auth, ca, fingerprint, certificate_check, clear_text, spn }: NonNullable<ServerDocument['winrm']>,
  base: PathBase,
): WinrmOptions {
  return {
    ...(scheme !== undefined && { scheme }),
    ...(auth !== undefined && { auth }),
    ...(ca !== undefined && { ca: absolutePath(ca, base) }),
    ...(fingerprint !== undefined && { fingerprint }),
    ...(certificate_check !== undefined && { unverified: true }),
    ...(clear_text !== undefined && { clearText: true }),
    ...(spn !== undefined && { spn }),
  }
}
