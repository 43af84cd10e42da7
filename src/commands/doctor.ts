import type { Command } from 'commander'
import { examine } from '../doctor/examine.js'
import { examinationLines } from '../doctor/report-text.js'
import { exitCodes, UsageError } from '../errors.js'
import { terminalText } from '../output/terminal-text.js'
import { transports } from '../transport/transport-for.js'
import { askSecrets } from './ask-secrets.js'
import type { CommandIo } from './io.js'
import { toolVersion } from './program.js'
import { readInventory } from './read-input.js'

interface DoctorArguments {
  inventory?: string
  json?: true
}

export function register(program: Command, io: CommandIo): void {
  program
    .command('doctor')
    .description('look at each hop of the way to a server: what is wrong, and the exact fix')
    .argument('[host]', 'name of a server in the inventory, or its host')
    .option('-i, --inventory <file>', 'inventory file')
    .option('--json', 'as one JSON object')
    .action((host: string | undefined, options: DoctorArguments) => doctor(host, options, io))
}

async function doctor(host: string | undefined, options: DoctorArguments, io: CommandIo): Promise<void> {
  if (host === undefined || options.inventory === undefined) {
    throw new UsageError(
      `doctor without ${host === undefined ? 'a host' : 'an inventory'}: not part of exroll ${toolVersion()}`,
      {
        code: 'NOT_AVAILABLE',
        hint: 'exroll doctor ex-cas-01 -i inventory.yaml',
      },
    )
  }
  const { servers } = readInventory(options.inventory)
  const server = servers.find(({ name }) => name === host) ?? servers.find(one => one.host === host)
  if (server === undefined) {
    throw new UsageError(`the inventory has no server ${host}`, {
      code: 'SERVER_UNKNOWN',
      hint: `It has: ${servers.map(({ name }) => name).join(', ')}.`,
    })
  }
  const secrets = await askSecrets([server], io)
  const examination = await examine({ server, secrets, transport: transports({ secrets })(server) })
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ schema: 'exroll.doctor/1', ...examination }, null, 2)}\n`)
  } else {
    for (const line of examinationLines(examination)) io.stdout.write(`${terminalText(line)}\n`)
  }
  const broken = examination.hops.some(({ outcome }) => outcome === 'failed')
  io.setExitCode(!examination.reached ? exitCodes.unreachable : broken ? exitCodes.failed : exitCodes.ok)
}
