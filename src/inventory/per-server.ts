import type { Credential, InventoryServer, SecretSource } from './model.js'

type Server = Pick<InventoryServer, 'name' | 'host'>

/**
 * A credential as one server has it: `{server}` and `{host}` in the words of a `command` and in the entry of a `vault` are that server's. So one
 * credential serves accounts that have the same name and another password on each server, as Windows LAPS gives them. Pure.
 */
export function credentialFor(credential: Credential, server: Server): Credential {
  const password = credential.password === undefined ? undefined : sourceFor(credential.password, server)
  if (password === undefined || password === credential.password) return credential
  return { ...credential, name: `${credential.name} on ${server.name}`, password }
}

/** The very source where no place is left open in it. */
function sourceFor(source: SecretSource, { name, host }: Server): SecretSource {
  const fill = (text: string) => text.replaceAll('{server}', name).replaceAll('{host}', host)
  if ('command' in source) {
    const command = source.command.map(fill)
    return command.every((word, index) => word === source.command[index]) ? source : { command }
  }
  if (!('vault' in source)) return source
  const entry = fill(source.vault.entry)
  return entry === source.vault.entry ? source : { vault: { ...source.vault, entry } }
}

/** A group managed service account: its name ends in `$`, and only the domain knows its password. */
export function isManaged(credential: Pick<Credential, 'username'>): boolean {
  return credential.username.endsWith('$')
}
