import type { Command } from 'commander'
import { diagnoseLogs, type LogAt, needsKnowledge, newLogReader } from '../diagnosis/diagnose.js'
import { type Explanation, explanations } from '../diagnosis/explain.js'
import type { Diagnosis } from '../diagnosis/finding.js'
import { reportText } from '../diagnosis/report-text.js'
import type { Knowledge } from '../diagnosis/rule.js'
import { rules } from '../diagnosis/rules/index.js'
import { wrap } from '../diagnosis/wrap.js'
import { type ExitCode, exitCodes, UsageError } from '../errors.js'
import { didYouMean } from '../input/near.js'
import { terminalJson, terminalText } from '../output/terminal-text.js'
import type { CommandIo } from './io.js'
import { findLogs } from './log-files.js'
import type { LogSource } from './log-source.js'

interface Options {
  json?: true
  explain?: string
  rules?: true
}

/** The report is as wide everywhere, so that a saved one and a shown one are the same. */
const layout = { width: 80, safe: terminalText }

export function register(program: Command, io: CommandIo): void {
  program
    .command('diagnose')
    .description('read installer logs offline and name the cause; needs no server and no Windows')
    .argument(
      '[paths...]',
      "logs, folders or .zip files of them, patterns, - for standard input; the files of one folder are taken to be one server's",
    )
    .option('--json', 'as JSON (exroll.diagnosis/1)')
    .option('--explain <id>', 'what a cause or a red herring is, and what to do')
    .option('--rules', 'list what it knows')
    .addHelpText('after', '\nExit codes: 0 no failure in the logs, 2 a failure, 3 unreadable.')
    .action(async (paths: string[], options: Options) => {
      if (options.rules === true || options.explain !== undefined) tell(options, io)
      else if (paths.length === 0) {
        throw new UsageError('Which log?', { code: 'USAGE', hint: 'exroll diagnose FILE, or exroll diagnose FOLDER' })
      } else io.setExitCode(await read(paths, options, io))
    })
}

async function read(paths: readonly string[], { json }: Options, io: CommandIo): Promise<ExitCode> {
  const logs: LogAt[] = []
  for (const source of await findLogs(paths, io)) logs.push({ path: source.path, log: await readWhole(source) })
  const diagnosis = diagnoseLogs(logs, { knowledge: await knowledgeFor(logs), context: {} })
  io.stdout.write(json === true ? terminalJson(diagnosis) : reportText(diagnosis, { ...layout, watched }))
  return exitCodeOf(diagnosis)
}

function watched(id: string): string[] {
  return rules.filter(rule => rule.id === id).flatMap(({ watch }) => watch)
}

async function knowledgeFor(logs: readonly LogAt[]): Promise<Knowledge> {
  if (!needsKnowledge(logs)) return { describeKb: () => undefined }
  return (await import('../products/knowledge.js')).knowledge
}

/** A log that cannot be read to its end is a failure of its own: half of it could lead to another cause. */
async function readWhole({ path, bytes }: LogSource): Promise<LogAt['log']> {
  const reader = newLogReader()
  try {
    for await (const piece of bytes()) reader.push(piece)
  } catch (error) {
    throw new UsageError(`${path}: it cannot be read to its end (${error instanceof Error ? error.message : error})`, {
      code: 'LOG_UNREADABLE',
      hint: 'Copy it anew, or unpack it, and name that.',
    })
  }
  return reader.finish()
}

/** A log that ends before its installation counts as a failure if it shows why. */
function exitCodeOf({ files }: Diagnosis): ExitCode {
  const attempts = files.flatMap(file => file.attempts)
  if (attempts.length === 0) return exitCodes.usage
  const failed = attempts.some(
    ({ outcome, causes }) => outcome === 'failed' || (outcome === 'incomplete' && causes.length > 0),
  )
  return failed ? exitCodes.failed : exitCodes.ok
}

function tell({ explain, json }: Options, io: CommandIo): void {
  const known = explanations(rules)
  if (explain === undefined) {
    io.stdout.write(json === true ? terminalJson(known) : list(known))
    return
  }
  const found = known.find(({ id }) => id === explain)
  if (found === undefined) throw noSuchId(explain, known)
  io.stdout.write(json === true ? terminalJson(found) : page(found))
}

function noSuchId(id: string, known: readonly Explanation[]): UsageError {
  const near = didYouMean(
    id,
    known.map(entry => entry.id),
  )
  return new UsageError(
    `There is no cause or red herring "${terminalText(id)}"${near === undefined ? '.' : `, did you mean "${near}"?`}`,
    {
      code: 'NO_SUCH_RULE',
      hint: near === undefined ? 'exroll diagnose --rules' : `exroll diagnose --explain ${near}`,
    },
  )
}

function list(known: readonly Explanation[]): string {
  const part = (type: Explanation['type'], title: string): string[] => [
    title,
    ...known
      .filter(entry => entry.type === type)
      .flatMap(({ id, title: what }) => wrap(`${id}: ${what}`, { ...layout, indent: 2, hanging: 4 })),
  ]
  return `${[...part('cause', 'Causes'), '', ...part('red-herring', 'Red herrings')].join('\n')}\n`
}

function page({ id, title, about, kinds, remedy, fix }: Explanation): string {
  const lines = [
    ...wrap(`${id}: ${title}`, layout),
    ...(about === title ? [] : ['', ...wrap(about, layout)]),
    '',
    ...wrap(`Shows in: ${kinds.join(', ')}`, layout),
    ...(remedy.length === 0 ? [] : ['', 'What to do:']),
    ...remedy.flatMap((step, i) => wrap(`${i + 1}. ${step}`, { ...layout, indent: 2, hanging: 5 })),
    ...(fix === undefined ? [] : ['', 'With exroll:', ...wrap(fix, { ...layout, indent: 2, hanging: 4 })]),
  ]
  return `${lines.join('\n')}\n`
}
