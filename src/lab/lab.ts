import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { UsageError } from '../errors.js'
import type { ControlledLab } from './control.js'
import { runCommandLine } from './endpoint/command-line.js'
import { hostKeyFingerprint, makeHostKey } from './endpoint/host-key.js'
import { playPowerShellOne } from './endpoint/powershell-one.js'
import { type SshEndpoint, startSshEndpoint } from './endpoint/ssh.js'
import { makeLabCertificates } from './endpoint/winrm/certificate.js'
import { KerberosAcceptor } from './endpoint/winrm/kerberos-acceptor.js'
import { loadKeytab } from './endpoint/winrm/keytab.js'
import { startWinrmListeners, type WinrmListeners } from './endpoint/winrm/listeners.js'
import { applyFault } from './faults/apply-fault.js'
import { allowRestore } from './faults/restore-refused.js'
import { type FleetMember, makeFleet } from './fleet.js'
import type { ExecChannel, Fault, Host, LabOptions, LabState } from './model.js'
import { answerCall, isScriptCall } from './model-engine/answer-call.js'
import { PowerShellEngine } from './powershell-engine/powershell-engine.js'
import { enginePowerShell } from './powershell-engine/powershell-program.js'
import { serverState } from './server-state.js'
import { findAccount, jobName, labDomain, logonName } from './world/accounts.js'
import { LabClock } from './world/clock.js'
import type { LabServer } from './world/lab-server.js'

interface Member {
  member: FleetMember
  server: LabServer
  endpoint: SshEndpoint
  /** The pin that the inventory gets. */
  pin: string
  /** Absent where the lab was asked for SSH alone. */
  winrm?: WinrmListeners
  /** How the inventory says that it is reached. */
  transport: 'ssh' | 'winrm'
}

/** A fleet of simulated Exchange 2007 servers, each behind its own ports on 127.0.0.1: SSH, and WinRM where it is asked for. */
export class Lab implements ControlledLab {
  /** Of `EXLAB\exadmin` and `EXLAB\exjob` on every server. */
  readonly password: string
  readonly #members: Member[]
  readonly #spillFolder: string
  readonly #engine: PowerShellEngine | undefined

  private constructor(members: Member[], password: string, spillFolder: string, engine: PowerShellEngine | undefined) {
    this.#members = members
    this.password = password
    this.#spillFolder = spillFolder
    this.#engine = engine
  }

  /**
   * Makes the fleet up and opens its ports. Throws `UsageError` LAB_OPTIONS for a fault at a server that is not there,
   * NO_POWERSHELL where the engine powershell has none.
   */
  static async start(options: LabOptions): Promise<Lab> {
    const spillFolder = mkdtempSync(join(tmpdir(), 'exroll-lab-files-'))
    const rootOf = (name: string): string => join(spillFolder, 'machines', name)
    let engine: PowerShellEngine | undefined
    try {
      if (options.engine === 'powershell') {
        engine = await PowerShellEngine.start({ program: enginePowerShell(), rootOf: server => rootOf(server.name) })
      }
      const password = `Lab-${randomBytes(15).toString('base64url')}`
      const clock = new LabClock(options.timeScale)
      const fleet = makeFleet(options, { clock, spillFolder, ...(engine === undefined ? {} : { rootOf }) })
      checkFaults(
        options.faults,
        fleet.map(({ server }) => server.name),
      )
      const { transport = 'ssh' } = options
      const certificates = transport === 'ssh' ? undefined : await makeLabCertificates(logonName)
      const kerberos = options.keytab === undefined ? undefined : new KerberosAcceptor(await loadKeytab(options.keytab))
      const members = await Promise.all(
        fleet.map(async ({ member, server }, index): Promise<Member> => {
          for (const account of server.accounts) account.password = password
          const faults = options.faults.filter(fault => fault.server === undefined || fault.server === server.name)
          for (const fault of faults) applyFault(server, fault.name)
          server.changes.begin()
          const host = hostOf(server, engine)
          const endpoint = await startSshEndpoint({ host, hostKey: hostKey(options.seed, server.name) })
          const other = faults.some(fault => fault.name === 'host-key-changed')
          const pin = other ? hostKeyFingerprint(hostKey(options.seed, `${server.name} before`)) : endpoint.fingerprint
          if (certificates === undefined) return { member, server, endpoint, pin, transport: 'ssh' }
          // Every other WinRM server over HTTPS; a changed key needs TLS to show.
          const scheme = other || index % 4 > 1 ? 'https' : 'http'
          const winrm = await startWinrmListeners({
            host,
            domain: labDomain,
            certificates,
            scheme,
            otherCertificate: other,
            ...(kerberos !== undefined && { kerberos }),
          })
          const chosen = transport === 'winrm' || index % 2 === 1 ? 'winrm' : 'ssh'
          return { member, server, endpoint, pin, winrm, transport: chosen }
        }),
      )
      return new Lab(members, password, spillFolder, engine)
    } catch (error) {
      await engine?.close()
      rmSync(spillFolder, { recursive: true, force: true })
      throw error
    }
  }

  /** What the servers really hold. */
  state(): LabState {
    return { servers: Object.fromEntries(this.#members.map(({ server }) => [server.name, serverState(server)])) }
  }

  /** The simulated server itself, for tests of the lab. */
  server(name: string): LabServer {
    const found = this.#members.find(({ server }) => server.name === name)
    if (found === undefined)
      throw unknownServer(
        name,
        this.#members.map(({ server }) => server.name),
      )
    return found.server
  }

  allow(fault: string, name: string): void {
    if (fault === 'restore-refused' && allowRestore(this.server(name))) return
    throw new UsageError(`${name} does not have the fault ${fault}`, {
      code: 'LAB_OPTIONS',
      hint: 'Only restore-refused can be lifted, where the lab was started with it.',
    })
  }

  /** Restarts a server; it is back after some server time. */
  reboot(name: string): void {
    this.server(name)
      .reboot()
      .catch(() => undefined)
  }

  /** An inventory of the fleet in YAML. `passwordFile` is a path that holds the password. */
  inventoryYaml({ passwordFile }: { passwordFile: string }): string {
    const servers = this.#members.map(({ member, endpoint, pin, winrm, transport }) => ({
      name: member.name,
      host: '127.0.0.1',
      ...(transport === 'winrm' ? winrm?.inventory : { port: endpoint.port }),
      roles: [member.role],
      groups: [member.site],
      ...(member.name === 'ex-cas-01' ? { internet_facing: true } : {}),
      ...(member.cluster === undefined ? {} : { cluster: { type: 'ccr', name: member.cluster } }),
      ...(transport === 'ssh' && { ssh: { host_key: pin } }),
    }))
    const sites = [...new Set(this.#members.map(({ member }) => member.site))]
    const text = stringify(
      {
        credentials: {
          lab: { username: `${labDomain}\\${logonName}`, password: { file: passwordFile } },
          // For install.run_as: an account that logs on to no server but to run the install.
          job: { username: `${labDomain}\\${jobName}`, password: { file: passwordFile } },
        },
        defaults: { transport: 'ssh', credential: 'lab' },
        groups: Object.fromEntries(sites.map(site => [site, { site }])),
        servers,
      },
      { lineWidth: 0 },
    )
    return `# A simulated fleet on this machine (exroll lab). It is gone when the lab ends.\n${text}`
  }

  /** Closes the ports and forgets the servers. */
  async dispose(): Promise<void> {
    for (const { server } of this.#members) server.processes.killAll()
    await this.#engine?.close()
    for (const { server } of this.#members) server.close()
    await Promise.all(this.#members.flatMap(({ endpoint, winrm }) => [endpoint.close(), winrm?.close()]))
    rmSync(this.#spillFolder, { recursive: true, force: true })
  }
}

function hostOf(server: LabServer, engine: PowerShellEngine | undefined): Host {
  const answer = async (channel: ExecChannel): Promise<number> => {
    if (server.powershellVersion === '1.0') return playPowerShellOne(channel)
    return engine === undefined ? answerCall(server, channel) : engine.answerCall(server, channel)
  }
  const host: Host = {
    name: server.name,
    logon: (name, password) => isLogon(server, name) && password === server.account.password,
    passwordOf: name => (isLogon(server, name) ? server.account.password : undefined),
    exec: channel => (isScriptCall(channel.line) ? answer(channel) : runCommandLine(host, channel)),
    files: server.files,
    network: server.network,
  }
  return host
}

/** Only exroll's account may log on over the network. */
function isLogon({ accounts, account }: LabServer, name: string): boolean {
  return findAccount(accounts, name) === account
}

function hostKey(seed: number, name: string): string {
  return makeHostKey(Buffer.from(`exroll lab ${seed} ${name}`))
}

function checkFaults(faults: Fault[], names: string[]): void {
  const missing = faults.flatMap(({ server }) => (server === undefined || names.includes(server) ? [] : [server]))
  if (missing[0] !== undefined) throw unknownServer(missing.join(', '), names)
}

function unknownServer(name: string, names: string[]): UsageError {
  return new UsageError(`the lab has no server ${name}`, { code: 'LAB_OPTIONS', hint: `It has ${names.join(', ')}.` })
}
