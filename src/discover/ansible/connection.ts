import type { TransportName } from '../../inventory/model.js'
import type { DiscoveredLogon, DiscoveredServer } from '../model.js'
import type { ResolvedHost } from './host-vars.js'
import { type AnsibleVars, plainText } from './model.js'

export type Connection = Pick<DiscoveredServer, 'host' | 'transport' | 'port' | 'winrm' | 'logon'>

const transports: ReadonlyMap<string, TransportName> = new Map(
  Object.entries({
    ssh: 'ssh',
    smart: 'ssh',
    paramiko: 'ssh',
    paramiko_ssh: 'ssh',
    winrm: 'winrm',
    psrp: 'winrm',
  } as const),
)

/**
 * How Ansible gets to a host, as exroll would: `ansible_host`, `_port`, `_connection`, `_user`, `_ssh_private_key_file`, and the scheme of WinRM. Undefined, with a note,
 * for connections that exroll does not have. Passwords and certificate checks that are switched off are not taken over; a note says so.
 */
export function connectionOf({ name, vars }: ResolvedHost, notes: string[]): Connection | undefined {
  const kind = plainText(vars.ansible_connection)?.toLowerCase() ?? 'ssh'
  // Collections have long names: ansible.builtin.ssh.
  const transport = transports.get(kind.slice(kind.lastIndexOf('.') + 1))
  if (transport === undefined) {
    notes.push(`${name} is left out: exroll has no connection "${kind}".`)
    return undefined
  }
  const host = plainText(vars.ansible_host ?? vars.ansible_ssh_host)
  if (host === undefined && vars.ansible_host !== undefined) {
    notes.push(`${name}: only Ansible can tell its ansible_host; the name is taken.`)
  }
  const port = portOf(vars, transport)
  const winrm = transport === 'winrm' ? winrmOf(name, vars, port, notes) : undefined
  const logon = logonOf(vars, transport)
  return {
    host: host ?? name,
    transport,
    ...(port !== undefined && { port }),
    ...(winrm !== undefined && { winrm }),
    ...(logon !== undefined && { logon }),
  }
}

function portOf(vars: AnsibleVars, transport: TransportName): number | undefined {
  const own = transport === 'winrm' ? (vars.ansible_winrm_port ?? vars.ansible_psrp_port) : vars.ansible_ssh_port
  const port = Number(plainText(vars.ansible_port ?? own))
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
}

/** Ansible speaks HTTPS unless the port is 5985 or the scheme says otherwise (Ansible guide, "Windows Remote Management"). */
function winrmOf(
  name: string,
  vars: AnsibleVars,
  port: number | undefined,
  notes: string[],
): DiscoveredServer['winrm'] {
  const written = plainText(vars.ansible_winrm_scheme ?? vars.ansible_psrp_protocol)
  const scheme = written === 'http' || (written === undefined && port === 5985) ? 'http' : 'https'
  const ignored = [vars.ansible_winrm_server_cert_validation, vars.ansible_psrp_cert_validation]
  if (scheme === 'https' && ignored.some(value => plainText(value) === 'ignore')) {
    notes.push(`${name}: Ansible does not check its certificate; exroll does. Add winrm.ca or winrm.fingerprint.`)
  }
  const kerberos = plainText(vars.ansible_winrm_transport ?? vars.ansible_psrp_auth) === 'kerberos'
  return { scheme, ...(kerberos && { auth: 'kerberos' }) }
}

function logonOf(vars: AnsibleVars, transport: TransportName): DiscoveredLogon | undefined {
  const username = plainText(vars.ansible_user ?? vars.ansible_ssh_user)
  const keyFile =
    transport === 'ssh' ? plainText(vars.ansible_ssh_private_key_file ?? vars.ansible_private_key_file) : undefined
  return username === undefined ? undefined : { username, ...(keyFile !== undefined && { keyFile }) }
}
