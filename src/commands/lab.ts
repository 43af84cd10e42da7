import { rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { UsageError } from '../errors.js'
import { parseLabOptions, parseRestoreAllowance } from '../lab/arguments.js'
import { askLab, controlFileOf, startLabControl, writePrivateFile } from '../lab/control.js'
import { faultHelp } from '../lab/faults/descriptions.js'
import { Lab } from '../lab/lab.js'
import type { LabOptions, LabState } from '../lab/model.js'
import type { CommandIo } from './io.js'

/** Server seconds per real second. A PowerShell takes real time to start, and a server waits two minutes of its own for a task. */
const usual = '60'
const slower = '10'

interface UpOptions {
  servers: string
  fault?: string[]
  seed: string
  timeScale?: string
  installSeconds?: string
  inventoryOut: string
  transport: 'ssh' | 'winrm' | 'mixed'
  engine: 'model' | 'powershell'
  share?: string
}

export function register(program: Command, io: CommandIo): void {
  const lab = program.command('lab').description('an embedded simulated fleet on loopback')
  lab
    .command('up')
    .description('start a fleet of simulated Exchange 2007 servers on 127.0.0.1 and keep it until it is ended')
    .option('--servers <n>', 'how many servers', '8')
    .option('--fault <name[@server]>', 'a fault of every server it fits, or of one (repeatable)', append)
    .option('--seed <n>', 'same seed, same fleet, same logs', '1')
    .option('--time-scale <x>', 'server seconds per real second (default: 60; 10 with the engine powershell)')
    .option('--install-seconds <s>', 'server seconds an install takes (default: 600 to 1200, drawn from the seed)')
    .option('--inventory-out <file>', 'where the inventory goes; its password goes beside it', 'exroll-lab.yaml')
    .addOption(
      new Option('--transport <kind>', 'how the servers are reached').choices(['ssh', 'winrm', 'mixed']).default('ssh'),
    )
    .addOption(
      new Option('--engine <kind>', 'what answers on a server').choices(['model', 'powershell']).default('model'),
    )
    .option(
      '--share <unc=folder>',
      String.raw`a share that the servers can read, with a folder of this machine: \\fs01\updates=DIR`,
    )
    .addHelpText(
      'after',
      `\nThe engine powershell runs the scripts themselves; it needs PowerShell 7 (EXROLL_PWSH, or pwsh on the PATH).\nOver WinRM the servers take Kerberos tickets too where KRB5_KTNAME names a keytab (HTTP/localhost; host: localhost).\n\nFaults, each of one server or of every one that can have it:\n${faultHelp()}`,
    )
    .action((options: UpOptions) => up(options, io))
  lab
    .command('state')
    .description("what the lab's servers really hold")
    .requiredOption('--inventory <file>', 'the inventory that `lab up` wrote')
    .option('--json', 'the whole state as one JSON object')
    .action((options: { inventory: string; json?: true }) => state(options, io))
  lab
    .command('allow')
    .description('take a refusal off a server, so that what it refused works again')
    .argument('<fault@server>', 'restore-refused@SERVER')
    .requiredOption('--inventory <file>', 'the inventory that `lab up` wrote')
    .action((allowance: string, options: { inventory: string }) => allow(allowance, options, io))
}

/** Runs until SIGINT, SIGTERM or SIGHUP, then takes away what must not outlive the lab: its password and its control file. */
async function up(options: UpOptions, io: CommandIo): Promise<void> {
  const parsed = parseLabOptions({ timeScale: options.engine === 'powershell' ? slower : usual, ...options })
  const keytab = io.env.KRB5_KTNAME
  const shared =
    parsed.share === undefined
      ? parsed
      : { ...parsed, share: { ...parsed.share, folder: resolve(io.cwd, parsed.share.folder) } }
  const wanted = keytab === undefined || keytab === '' || parsed.transport === 'ssh' ? shared : { ...shared, keytab }
  const inventory = resolve(io.cwd, options.inventoryOut)
  await refuseLivingLab(inventory)
  const ended = untilSignal()
  const lab = await startLab(wanted, inventory)
  try {
    io.stdout.write(readyText(wanted, options.inventoryOut))
    await ended
  } finally {
    await lab.close()
  }
}

async function startLab(wanted: LabOptions, inventory: string): Promise<{ close(): Promise<void> }> {
  const lab = await Lab.start(wanted)
  const passwordFile = `${inventory}.password`
  try {
    await writePrivateFile(passwordFile, `${lab.password}\n`)
    await writeFile(inventory, lab.inventoryYaml({ passwordFile }))
    const control = await startLabControl(lab, inventory)
    return {
      async close() {
        await control.close()
        await rm(passwordFile, { force: true })
        await lab.dispose()
      },
    }
  } catch (error) {
    await rm(passwordFile, { force: true })
    await lab.dispose()
    throw error
  }
}

async function state(options: { inventory: string; json?: true }, io: CommandIo): Promise<void> {
  const found = await askLab(resolve(io.cwd, options.inventory), { do: 'state' })
  io.stdout.write(options.json === true ? `${JSON.stringify(found, null, 2)}\n` : stateTable(found))
}

async function allow(allowance: string, options: { inventory: string }, io: CommandIo): Promise<void> {
  const { fault, server } = parseRestoreAllowance(allowance)
  await askLab(resolve(io.cwd, options.inventory), { do: 'allow', fault, server })
  io.stdout.write(`${server} no longer refuses (${fault})\n`)
}

function readyText(wanted: LabOptions, inventory: string): string {
  const quoted = /^[\w./:\\-]+$/.test(inventory) ? inventory : `"${inventory}"`
  return [
    `lab ready: ${wanted.servers} servers on 127.0.0.1, inventory ${inventory}`,
    `  next: exroll run playbooks/apply-rollup.yaml -i ${quoted} --yes`,
    `  look: exroll lab state --inventory ${quoted}`,
    '  Ctrl-C ends the lab',
    '',
  ].join('\n')
}

function stateTable(found: LabState): string {
  const rows = Object.entries(found.servers).map(([name, server]) => {
    const running = server.services.filter(service => service.state === 'Running').length
    const disabled = server.services.filter(service => service.startType === 'Disabled').length
    const services = `${running}/${server.services.length} run, ${disabled} disabled`
    const patches = server.patches.join(' ') || '-'
    return [name, server.build, patches, `${server.installsStarted}`, services, `${server.tasks.length}`]
  })
  const all = [['server', 'build', 'patches', 'installs', 'services', 'tasks'], ...rows]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)))
  return all
    .map(
      row =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Two labs that write one inventory would leave each other's password behind. */
async function refuseLivingLab(inventory: string): Promise<void> {
  const living = await askLab(inventory, { do: 'state' }).then(
    () => true,
    () => false,
  )
  if (!living) return
  throw new UsageError(`A lab that wrote ${inventory} is still running (${controlFileOf(inventory)}).`, {
    code: 'LAB_RUNNING',
    hint: 'End it with Ctrl-C where it runs, or choose another --inventory-out.',
  })
}

function untilSignal(): Promise<void> {
  return new Promise(done => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    const end = (): void => {
      for (const signal of signals) process.removeListener(signal, end)
      done()
    }
    for (const signal of signals) process.on(signal, end)
  })
}

function append(value: string, earlier: string[] = []): string[] {
  return [...earlier, value]
}
