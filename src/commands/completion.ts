import { Argument, type Command } from 'commander'
import { bashCompletion } from '../completion/bash.js'
import { fishCompletion } from '../completion/fish.js'
import { completionCommands } from '../completion/from-commander.js'
import { type CompletionCommand, type CompletionShell, completionShells } from '../completion/model.js'
import { powershellCompletion } from '../completion/powershell.js'
import { zshCompletion } from '../completion/zsh.js'
import type { CommandIo } from './io.js'
import { wholeProgram } from './program.js'

const makers: Record<CompletionShell, (commands: CompletionCommand[]) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion,
}

export function register(program: Command, io: CommandIo): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(completionShells))
    .action(async (shell: CompletionShell) => {
      io.stdout.write(makers[shell](completionCommands(await wholeProgram(io))))
    })
}
