import type { Command } from 'commander'
import { type ErrorInfo, exitCodes } from '../errors.js'
import { forEachServer, type Survey, surveyServers } from '../fleet/survey.js'
import { terminalJson, terminalText } from '../output/terminal-text.js'
import { errorLines } from '../restore/restore-report.js'
import type { ScriptResult, ServerLeftover } from '../scripts/catalog.js'
import { askYes } from './ask-yes.js'
import type { CommandIo } from './io.js'
import { openFleet } from './open-fleet.js'

interface CleanupArguments {
  inventory: string
  limit?: string
  dryRun?: true
  yes?: true
  json?: true
}

export function register(program: Command, io: CommandIo): void {
  program
    .command('cleanup')
    .description('show and remove what exroll left on servers; never what Windows Installer may need again')
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('--limit <pattern>', 'only these servers: names, globs, role:, site:, group:, cluster:')
    .option('--dry-run', 'only show')
    .option('--yes', 'do not ask')
    .option('--json', 'what was found and removed, as JSON on stdout')
    .action((options: CleanupArguments) => cleanup(options, io))
}

type Removed = { name: string } & ScriptResult<'Remove-ServerLeftover'>
type Failed = { server: { name: string }; error: ErrorInfo }

async function cleanup(options: CleanupArguments, io: CommandIo): Promise<void> {
  const { json = false } = options
  const fleet = await openFleet(options, io)
  try {
    const say = (lines: string[]) => io[json ? 'stderr' : 'stdout'].write(`${lines.map(terminalText).join('\n')}\n`)
    const surveys = await surveyServers(fleet)
    const failed: Failed[] = surveys.flatMap(one => ('error' in one ? [one] : []))
    const found = surveys.flatMap(one => ('error' in one ? [] : [{ ...one, goes: whatGoes(one.leftover) }]))
    for (const one of found) say(foundLines(one))
    for (const { server, error } of failed) say(errorLines(server.name, error))
    const work = found.filter(({ goes }) => goes.runs.length + goes.packages.length > 0)
    const removed: Removed[] = []
    if (work.length > 0 && options.dryRun !== true) {
      if (options.yes !== true) await askYes(`Remove this on ${work.length} of ${surveys.length} servers?`, io)
      const results = await forEachServer(
        fleet,
        work.map(({ server }) => server),
        async (link, { name }): Promise<Removed> => {
          const goes = work.find(one => one.server.name === name)?.goes ?? { runs: [], packages: [] }
          const result = await link.call('Remove-ServerLeftover', { Runs: goes.runs, Packages: goes.packages })
          say([
            `${name}: removed ${result.removed.length}`,
            ...result.kept.map(({ name: kept, why }) => `  kept ${kept}: ${why}`),
          ])
          return { name, ...result }
        },
      )
      for (const result of results) {
        if (!('error' in result)) removed.push(result)
        else {
          failed.push(result)
          say(errorLines(result.server.name, result.error))
        }
      }
    }
    if (json) io.stdout.write(terminalJson({ servers: toJson(found, removed, failed) }))
    io.setExitCode(
      failed.length === 0 ? exitCodes.ok : failed.length === surveys.length ? exitCodes.unreachable : exitCodes.failed,
    )
  } finally {
    fleet.close()
  }
}

/** Runs that are settled, and packages that nothing names; all of a server stays while a run on it is open. */
export function whatGoes({ runs, packages }: ServerLeftover): { runs: string[]; packages: string[] } {
  const open = runs.filter(isOpen)
  return {
    runs: runs.filter(run => !isOpen(run)).map(({ run }) => run),
    packages: open.length > 0 ? [] : packages.filter(({ neededBy }) => neededBy === '').map(({ path }) => path),
  }
}

function isOpen({ armed, busy, outstanding, down }: ServerLeftover['runs'][number]): boolean {
  return armed || busy !== '' || outstanding.length > 0 || down.length > 0
}

function foundLines({ server, leftover }: Extract<Survey, { leftover: unknown }>): string[] {
  const { runs, packages } = leftover
  if (runs.length + packages.length === 0) return [`${server.name}: exroll left nothing here`]
  const goes = whatGoes(leftover)
  return [
    `${server.name}:`,
    ...runs.map(({ run, bytes }) =>
      goes.runs.includes(run)
        ? `  run ${run}, ${bytes} bytes: goes`
        : `  run ${run}: stays, it has something to put back: exroll restore`,
    ),
    ...packages.map(({ path, bytes, neededBy }) =>
      goes.packages.includes(path)
        ? `  ${path}, ${bytes} bytes: goes`
        : `  ${path}: stays, ${neededBy === '' ? 'a run is not settled' : neededBy}`,
    ),
  ]
}

function toJson(found: Extract<Survey, { leftover: unknown }>[], removed: Removed[], failed: Failed[]): object[] {
  return [
    ...found.map(({ server, leftover }) => {
      const result = removed.find(({ name }) => name === server.name)
      return { name: server.name, ...leftover, removed: result?.removed ?? [], kept: result?.kept ?? [] }
    }),
    ...failed.map(({ server, error }) => ({ name: server.name, error })),
  ]
}
