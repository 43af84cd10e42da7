import type { Command } from 'commander'
import { type ErrorInfo, type ExitCode, exitCodes, UsageError } from '../errors.js'
import { forEachServer, surveyServers } from '../fleet/survey.js'
import { terminalJson } from '../output/terminal-text.js'
import { isAsBefore, isBusy, type RestorePlan, restorePlan } from '../restore/restore-plan.js'
import { errorLines, outcomeLines, planLines } from '../restore/restore-report.js'
import { type RestoreOutcome, restoreServer } from '../restore/restore-server.js'
import { askYes } from './ask-yes.js'
import type { CommandIo } from './io.js'
import { openFleet } from './open-fleet.js'
import { newRunId } from './run-folder.js'

interface RestoreArguments {
  inventory: string
  limit?: string
  fromDefaults?: true
  service?: string[]
  dryRun?: true
  yes?: true
  json?: true
}

/** How long services may take to start, in seconds. */
const serviceTimeoutSeconds = 15 * 60

export function register(program: Command, io: CommandIo): void {
  program
    .command('restore')
    .description('put back what any earlier run left changed; shows first, asks')
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('--limit <pattern>', 'only these servers: names, globs, role:, site:, group:, cluster:')
    .option('--from-defaults', "start types from the product's own set-up, for servers that something else broke")
    .option(
      '--service <name>',
      'with --from-defaults: this one too, though nothing shows that a patch disabled it',
      append,
    )
    .option('--dry-run', 'only show')
    .option('--yes', 'do not ask')
    .option('--json', 'what was found and done, as JSON on stdout')
    .action((options: RestoreArguments) => restore(options, io))
}

type Done = { plan: RestorePlan; outcome: RestoreOutcome }
type Failed = { server: { name: string }; error: ErrorInfo }

async function restore(options: RestoreArguments, io: CommandIo): Promise<void> {
  const { fromDefaults = false, service = [], json = false } = options
  if (service.length > 0 && !fromDefaults) {
    throw new UsageError('--service goes with --from-defaults', {
      code: 'USAGE',
      hint: 'Without --from-defaults a server is put back to what a run recorded, service by service.',
    })
  }
  const fleet = await openFleet(options, io)
  try {
    const say = (lines: string[]) => io[json ? 'stderr' : 'stdout'].write(`${lines.join('\n')}\n`)
    const surveys = await surveyServers(fleet)
    const failed: Failed[] = surveys.flatMap(one => ('error' in one ? [one] : []))
    const plans = surveys.flatMap(one => ('error' in one ? [] : [restorePlan(one, { fromDefaults, named: service })]))
    for (const plan of plans) say(planLines(plan))
    for (const { server, error } of failed) say(errorLines(server.name, error))
    const work = plans.filter(plan => !isAsBefore(plan))
    const done: Done[] = []
    if (work.length > 0 && options.dryRun !== true) {
      const now = work.filter(plan => !isBusy(plan)).length
      if (now === 0) say(['Nothing can be put back now; what is at work there does so itself when it has ended.'])
      else if (options.yes !== true) await askYes(`Put this back on ${now} of ${surveys.length} servers?`, io)
      const run = `restore-${newRunId(new Date())}`
      const byName = new Map(work.map(plan => [plan.server.name, plan]))
      const results = await forEachServer(
        fleet,
        work.map(({ server }) => server),
        async (link, { name }): Promise<Done> => {
          const plan = byName.get(name) as RestorePlan
          const outcome = await restoreServer(link, plan, { run, serviceTimeoutSeconds })
          say(outcomeLines(name, outcome))
          return { plan, outcome }
        },
      )
      for (const result of results) {
        if (!('error' in result)) done.push(result)
        else {
          failed.push(result)
          say(errorLines(result.server.name, result.error))
        }
      }
    }
    if (json) io.stdout.write(terminalJson({ servers: toJson(plans, done, failed) }))
    io.setExitCode(exitCode({ asked: surveys.length, done, failed }))
  } finally {
    fleet.close()
  }
}

/** A stuck setting wins; then nobody reached; then anything that is not as before (product.md, exit codes). */
function exitCode({ asked, done, failed }: { asked: number; done: Done[]; failed: Failed[] }): ExitCode {
  if (done.some(({ outcome }) => outcome.stuck.length > 0)) return exitCodes.stuck
  if (failed.length === asked) return exitCodes.unreachable
  const notAll = done.some(({ outcome }) => outcome.down.length > 0 || outcome.notes.length > 0)
  return failed.length > 0 || notAll ? exitCodes.failed : exitCodes.ok
}

function toJson(plans: RestorePlan[], done: Done[], failed: Failed[]): object[] {
  return [
    ...plans.map(plan => ({
      name: plan.server.name,
      runs: plan.runs,
      defaults: plan.defaults,
      leftoverState: plan.leftoverState,
      outcome: done.find(one => one.plan === plan)?.outcome ?? null,
    })),
    ...failed.map(({ server, error }) => ({ name: server.name, error })),
  ]
}

function append(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value]
}
