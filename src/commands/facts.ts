import type { Command } from 'commander'
import { type ErrorInfo, exitCodes } from '../errors.js'
import { factLines } from '../fleet/fact-lines.js'
import { forEachServer } from '../fleet/survey.js'
import type { InventoryServer } from '../inventory/model.js'
import { terminalJson, terminalText } from '../output/terminal-text.js'
import { errorLines } from '../restore/restore-report.js'
import { type Readiness, type ServerFact, systemSid } from '../scripts/catalog.js'
import { noPackage } from '../scripts/no-package.js'
import type { CommandIo } from './io.js'
import { openFleet } from './open-fleet.js'

interface FactsArguments {
  inventory: string
  limit?: string
  json?: true
}

export function register(program: Command, io: CommandIo): void {
  program
    .command('facts')
    .description(
      'read-only: version, rollups and interim updates, services, settings, installer cache, pending restart',
    )
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('--limit <pattern>', 'only these servers: names, globs, role:, site:, group:, cluster:')
    .option('--json', 'as one JSON object')
    .action((options: FactsArguments) => facts(options, io))
}

type Read = { server: InventoryServer; fact: ServerFact; readiness: Readiness }
type Failed = { server: InventoryServer; error: ErrorInfo }

async function facts(options: FactsArguments, io: CommandIo): Promise<void> {
  const fleet = await openFleet(options, io)
  try {
    const answers: (Read | Failed)[] = await forEachServer(fleet, fleet.servers, async (link, server) => ({
      server,
      fact: await link.call('Get-ServerFact', { Accounts: [systemSid], JobAccount: '' }),
      readiness: await link.call('Test-ServerReadiness', noPackage),
    }))
    if (options.json === true) io.stdout.write(terminalJson({ servers: answers.map(toJson) }))
    else for (const answer of answers) io.stdout.write(`${lines(answer).map(terminalText).join('\n')}\n`)
    const failed = answers.filter(answer => 'error' in answer).length
    io.setExitCode(failed === 0 ? exitCodes.ok : failed === answers.length ? exitCodes.unreachable : exitCodes.failed)
  } finally {
    fleet.close()
  }
}

function toJson(answer: Read | Failed): object {
  const { name } = answer.server
  if ('error' in answer) return { name, error: answer.error }
  const { pendingReboot, leftoverState, missingCache, registration, armedRun, freeBytes, crl, elevated } =
    answer.readiness
  return {
    name,
    ...answer.fact,
    ...{ pendingReboot, leftoverState, missingCache, registration, armedRun, freeBytes, crl, elevated },
  }
}

function lines(answer: Read | Failed): string[] {
  const { name } = answer.server
  if ('error' in answer) return errorLines(name, answer.error)
  return factLines(name, answer.fact, answer.readiness)
}
