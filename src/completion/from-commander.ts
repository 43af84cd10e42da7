import type { Command, Option } from 'commander'
import type { CompletionCommand, CompletionOption } from './model.js'

/** Every command of a program with its options, the program itself first; hidden ones are left out. */
export function completionCommands(program: Command, path: string[] = []): CompletionCommand[] {
  const help = program.createHelp()
  const shown = help.visibleCommands(program).filter(command => command.name() !== 'help')
  const args = program.registeredArguments
  return [
    {
      path,
      description: program.description(),
      subcommands: shown.map(command => ({ name: command.name(), description: firstSentence(command.description()) })),
      options: help.visibleOptions(program).map(completionOption),
      argumentChoices: args.flatMap(argument => argument.argChoices ?? []),
      takesFiles: args.some(argument => argument.argChoices === undefined),
    },
    ...shown.flatMap(command => completionCommands(command, [...path, command.name()])),
  ]
}

function completionOption(option: Option): CompletionOption {
  const flags = [option.long, option.short].filter(flag => flag !== undefined && flag !== null)
  return { flags, description: firstSentence(option.description), value: valueKind(option) }
}

function valueKind(option: Option): CompletionOption['value'] {
  if (!option.required && !option.optional) return { kind: 'none' }
  if (option.argChoices !== undefined) return { kind: 'choices', choices: [...option.argChoices] }
  return /<(?:file|folder|dir|path)>/i.test(option.flags) ? { kind: 'path' } : { kind: 'text' }
}

/** One line, and short: it stands beside the word in a menu. */
function firstSentence(text: string): string {
  return text.split(/[;.]\s|\s\(|\n/)[0]?.trim() ?? ''
}
