import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { type ExitCode, exitCodes, ToolError, UsageError } from '../errors.js'
import { packageFile } from '../package-file.js'
import type { CommandIo } from './io.js'

type Register = (program: Command, io: CommandIo) => void

/**
 * The verbs and what loads them. Each module is imported only when its verb was typed, so that `--help` and `diagnose` start
 * without ssh2 or the lab.
 */
const verbs: Record<string, { summary: string; load: () => Promise<{ register: Register }> }> = {
  run: { summary: 'carry a playbook out over an inventory', load: () => import('./run.js') },
  resume: { summary: 'go on with an interrupted run', load: () => import('./resume.js') },
  watch: { summary: 'the dashboard on a run of another process, or a replay', load: () => import('./watch.js') },
  approve: { summary: 'let a run go on that waits for approval', load: () => import('./approve.js') },
  status: { summary: 'what a run came to, and what is left', load: () => import('./status.js') },
  runs: { summary: 'the list of runs', load: () => import('./runs.js') },
  diagnose: { summary: 'read installer logs offline and name the cause', load: () => import('./diagnose.js') },
  facts: { summary: 'read-only: what the servers are', load: () => import('./facts.js') },
  restore: { summary: 'put back what any earlier run left changed', load: () => import('./restore.js') },
  cleanup: { summary: 'show and remove what exroll left on servers', load: () => import('./cleanup.js') },
  inventory: {
    summary: 'check an inventory, list what a pattern selects, or discover one',
    load: () => import('./inventory.js'),
  },
  lab: { summary: 'an embedded simulated fleet on loopback', load: () => import('./lab.js') },
  demo: { summary: 'a lab fleet with a few faults and a real run over it', load: () => import('./demo.js') },
  doctor: { summary: 'look at each hop of the way to a server', load: () => import('./doctor.js') },
  schema: { summary: 'print a JSON Schema', load: () => import('./schema.js') },
  module: { summary: 'the PowerShell module that hosts exroll', load: () => import('./module.js') },
  completion: { summary: 'print a completion script for a shell', load: () => import('./completion.js') },
}

/** Verbs the manual names that this version does not have: refused by name rather than half done. */
const later = ['report', 'bundle']

const hostedOption = '--hosted'

export interface CliInput extends Omit<CommandIo, 'setExitCode' | 'host'> {
  argv: string[]
}

/** From argv to an exit code. The one place where errors become words on the terminal. */
export async function runCli(input: CliInput): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok
  const io: CommandIo = {
    ...input,
    setExitCode: code => {
      exitCode = code
    },
  }
  try {
    // For programs that host exroll, so it is in no help.
    const argv = input.argv.filter(word => word !== hostedOption)
    if (argv.length < input.argv.length) io.host = await (await import('./hosted.js')).meetHost(io.stdin)
    const program = await buildProgram(argv, io)
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    return report(error, io)
  }
}

/** The program with every verb loaded, as shell completion needs it. */
export function wholeProgram(io: CommandIo): Promise<Command> {
  return buildProgram(['help', ...Object.keys(verbs)], io)
}

async function buildProgram(argv: string[], io: CommandIo): Promise<Command> {
  const program = new Command('exroll')
  program
    .description(
      'Patches a fleet of Exchange servers: rolling batches, exact restore, and a diagnosis instead of a bare 1603.',
    )
    .version(toolVersion(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: text => io.stdout.write(text), writeErr: () => {} })
    .addHelpText(
      'after',
      '\nExit codes: 0 all patched or current, 2 a server failed, 3 wrong input, 4 nothing reached,\n5 stopped, 6 a setting could not be put back, 130 left at once.',
    )
  const verb = argv.find(word => !word.startsWith('-'))
  for (const [name, { summary, load }] of Object.entries(verbs)) {
    if (name === verb || (verb === 'help' && argv.includes(name))) (await load()).register(program, io)
    else program.command(name).description(summary)
  }
  // Started by `run` and `resume` only, so it is in no help.
  if (verb === 'runner') (await import('./runner.js')).register(program, io)
  for (const name of later) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new UsageError(`exroll ${name} is not part of version ${toolVersion()}`, {
          code: 'NOT_AVAILABLE',
          hint: 'See `exroll --help` for what this version does; CHANGELOG.md lists what each version brought.',
        })
      })
  }
  inheritExitOverride(program, io)
  return program
}

/** Subcommands made with `command()` copy the settings of their parent only when it had them at that moment. */
function inheritExitOverride(program: Command, io: CommandIo): void {
  for (const child of program.commands) {
    child.exitOverride().configureOutput({ writeOut: text => io.stdout.write(text), writeErr: () => {} })
    inheritExitOverride(child, io)
  }
}

function report(error: unknown, io: CommandIo): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok
    if (error.code === 'commander.help') {
      io.stderr.write('Nothing was asked for. `exroll --help` lists the commands, `exroll demo` shows a run.\n')
      return exitCodes.usage
    }
    io.stderr.write(`${error.message}\n  code USAGE. Try: exroll --help\n`)
    return exitCodes.usage
  }
  if (error instanceof ToolError) {
    io.stderr.write(`error: ${error.message}\n`)
    io.stderr.write(`  code ${error.code}${error.hint === undefined ? '' : `. Try: ${error.hint}`}\n`)
    return error.exitCode
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  io.stderr.write(
    `error: this is a bug in exroll: ${text}\n  code BUG. Please report it with the lines above and the run folder.\n`,
  )
  return exitCodes.bug
}

/** The version in package.json. */
export function toolVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
