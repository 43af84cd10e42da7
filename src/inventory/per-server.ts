import type { Credential, InventoryServer } from './model.js'

/**
 * A credential as one server has it: `{server}` and `{host}` in the words of a `command` are that server's. So one entry serves accounts
 * that have the same name and another password on each server, as Windows LAPS gives them. Pure.
 */
export function credentialFor(
  credential: Credential,
  { name, host }: Pick<InventoryServer, 'name' | 'host'>,
): Credential {
  const { password } = credential
  if (password === undefined || !('command' in password)) return credential
  const command = password.command.map(word => word.replaceAll('{server}', name).replaceAll('{host}', host))
  if (command.every((word, index) => word === password.command[index])) return credential
  return { ...credential, name: `${credential.name} on ${name}`, password: { command } }
}

/** A group managed service account: its name ends in `$`, and only the domain knows its password. */
export function isManaged(credential: Pick<Credential, 'username'>): boolean {
  return credential.username.endsWith('$')
}
