import { isIP } from 'node:net'
import type { Command } from 'commander'
import { type Examination, examine } from '../doctor/examine.js'
import { examineWays } from '../doctor/examine-ways.js'
import { Way } from '../doctor/hop.js'
import { lookAtInventoryCredentials } from '../doctor/inventory-credentials.js'
import { lookAtMachine } from '../doctor/machine.js'
import { examinationLines, examinedWaysLines, hopLines } from '../doctor/report-text.js'
import { lookAtUnknownHost } from '../doctor/unknown-host.js'
import { type ExitCode, errorInfo, exitCodes, UsageError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import { terminalJson, terminalText } from '../output/terminal-text.js'
import type { Secrets } from '../secrets/secrets.js'
import { transports } from '../transport/transport-for.js'
import { askSecrets } from './ask-secrets.js'
import type { CommandIo } from './io.js'
import { readInventory } from './read-input.js'
import { runsFolder } from './run-folder.js'

interface DoctorArguments {
  inventory?: string
  json?: true
}

export function register(program: Command, io: CommandIo): void {
  program
    .command('doctor')
    .description('look at this machine, or at each hop of the way to a server: what is wrong, and the exact fix')
    .argument('[host]', 'name of a server in the inventory, or any host[:port]')
    .option('-i, --inventory <file>', 'inventory file')
    .option('--json', 'as one JSON object')
    .action((host: string | undefined, options: DoctorArguments) => doctor(host, options, io))
}

async function doctor(host: string | undefined, options: DoctorArguments, io: CommandIo): Promise<void> {
  if (host === undefined) return doctorMachine(options, io)
  if (options.inventory === undefined) return doctorUnknownHost(host, options, io)
  const { servers } = readInventory(options.inventory)
  const server = servers.find(({ name }) => name === host) ?? servers.find(one => one.host === host)
  if (server === undefined) {
    throw new UsageError(`the inventory has no server ${host}`, {
      code: 'SERVER_UNKNOWN',
      hint: `It has: ${servers.map(({ name }) => name).join(', ')}.`,
    })
  }
  const secrets = await askSecrets([server], io)
  if (server.transport === 'auto') return doctorAuto(server, secrets, options, io)
  const progress = showProgress(io, options)
  const transport = transports({ secrets })(server)
  const examination = await examine({ server, secrets, transport, onLook: progress.show }).finally(progress.clear)
  print(io, options, examination, examinationLines(examination, widthOf(io)))
  io.setExitCode(exitCodeOf(examination))
}

async function doctorAuto(
  server: InventoryServer,
  secrets: Secrets,
  options: DoctorArguments,
  io: CommandIo,
): Promise<void> {
  const progress = showProgress(io, options)
  const examined = await examineWays(server, secrets, progress.show).finally(progress.clear)
  const lines = examinedWaysLines(examined, widthOf(io))
  print(io, options, { server: server.name, transport: 'auto', ...examined }, lines)
  io.setExitCode(exitCodeOf(examined.ways.at(-1)))
}

function exitCodeOf(examination: Examination | undefined): ExitCode {
  if (examination?.reached !== true) return exitCodes.unreachable
  return examination.hops.some(({ outcome }) => outcome === 'failed') ? exitCodes.failed : exitCodes.ok
}

async function doctorMachine(options: DoctorArguments, io: CommandIo): Promise<void> {
  // A wrong inventory is told before anything is looked at.
  const inventory = options.inventory === undefined ? undefined : readInventory(options.inventory)
  const way = new Way(() => performance.now(), errorInfo)
  const runs = runsFolder(undefined, io.env, io.cwd)
  await lookAtMachine(way, { runs, env: io.env, nodeVersion: process.versions.node, needsNode: '20.19' })
  const terminal = 'isTTY' in io.stdin && io.stdin.isTTY === true
  const credentials = await lookAtInventoryCredentials({
    servers: inventory?.servers ?? [],
    credentials: inventory?.credentials ?? [],
    env: io.env,
    terminal,
  })
  const ofInventory =
    credentials.length === 0 ? [] : [`credentials of ${options.inventory}`, ...hopLines(credentials, widthOf(io))]
  const found = { machine: process.platform, hops: way.hops, ...(options.inventory !== undefined && { credentials }) }
  print(io, options, found, ['this machine', ...hopLines(way.hops, widthOf(io)), ...ofInventory])
  const wrong = [...way.hops, ...credentials].some(({ outcome }) => outcome === 'failed')
  io.setExitCode(wrong ? exitCodes.failed : exitCodes.ok)
}

/** Exit 0 when at least one way in is open as far as it can be seen without a logon. */
async function doctorUnknownHost(written: string, options: DoctorArguments, io: CommandIo): Promise<void> {
  const { host, port } = readHost(written)
  const ways = await lookAtUnknownHost(host, port)
  const lines = ways.flatMap(({ where, transport, hops }) => [
    `${where} (${transport})`,
    ...hopLines(hops, widthOf(io)),
  ])
  print(io, options, { host, ways }, [...lines, 'No inventory was given (-i), so nobody was logged on.'])
  const open = ways.some(({ hops }) => hops.every(({ outcome }) => outcome === 'ok' || outcome === 'note'))
  io.setExitCode(open ? exitCodes.ok : exitCodes.unreachable)
}

/** `host`, `host:port`, an IPv6 address, or one in brackets with a port. Throws `UsageError` HOST_INVALID. */
function readHost(written: string): { host: string; port?: number } {
  if (isIP(written) !== 0) return { host: written }
  const { v6, name, port } =
    /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^\s:/[\]@]+))(?::(?<port>\d{1,5}))?$/.exec(written)?.groups ?? {}
  const host = v6 ?? name
  const number = port === undefined ? undefined : Number(port)
  if (host === undefined || (v6 !== undefined && isIP(v6) !== 6) || number === 0 || (number ?? 1) > 65_535) {
    throw new UsageError(`${written} is no host[:port].`, {
      code: 'HOST_INVALID',
      hint: 'exroll doctor ex-01.contoso.com, ex-01:5986 or [2001:db8::1]:5985; with -i the name of a server in the inventory.',
    })
  }
  return number === undefined ? { host } : { host, port: number }
}

/** Of the terminal that the results go to; a file or another program gets whole lines. */
function widthOf({ stdout }: CommandIo): number | undefined {
  return 'columns' in stdout && typeof stdout.columns === 'number' && stdout.columns > 0 ? stdout.columns : undefined
}

/** What is being looked at now, on a line of a terminal that is taken away again: some looks take a minute. */
function showProgress({ stderr, env }: CommandIo, { json }: DoctorArguments) {
  const isTerminal = 'isTTY' in stderr && stderr.isTTY === true && env.TERM !== 'dumb' && env.CI === undefined
  const shows = json !== true && isTerminal
  const write = (text: string): void => {
    if (shows) stderr.write(`\r\u001b[K${text}`)
  }
  return { show: (hop: string) => write(`  looking at: ${hop}`), clear: () => write('') }
}

function print(io: CommandIo, { json }: DoctorArguments, found: object, lines: readonly string[]): void {
  if (json === true) io.stdout.write(terminalJson({ schema: 'exroll.doctor/1', ...found }))
  else for (const line of lines) io.stdout.write(`${terminalText(line)}\n`)
}
