import type { CompletionCommand, CompletionOption } from './model.js'

/** A script for fish 3 and newer. Pure. */
export function fishCompletion(commands: CompletionCommand[]): string {
  const lines = commands.flatMap(command => linesOf(command))
  return `# fish completion for exroll. Put it into ~/.config/fish/completions/exroll.fish
function __exroll_at
  set -l words (commandline -opc)
  set -l at
  for word in $words[2..-1]
    if contains -- (string join ' ' -- $at $word) ${commands
      .filter(({ path }) => path.length > 0)
      .map(({ path }) => quoted(path.join(' ')))
      .join(' ')}
      set -a at $word
    end
  end
  test "$at" = "$argv"
end
complete -c exroll -f
${lines.join('\n')}
`
}

function linesOf({ path, subcommands, options, argumentChoices, takesFiles }: CompletionCommand): string[] {
  const at = `complete -c exroll -n ${quoted(`__exroll_at ${path.join(' ')}`.trim())}`
  return [
    ...subcommands.map(({ name, description }) => `${at} -a ${quoted(name)} -d ${quoted(description)}`),
    ...options.map(option => `${at} ${optionWords(option)}`),
    ...(argumentChoices.length > 0 ? [`${at} -a ${quoted(argumentChoices.join(' '))}`] : []),
    ...(takesFiles && subcommands.length === 0 ? [`${at} -F`] : []),
  ]
}

function optionWords({ flags, description, value }: CompletionOption): string {
  const names = flags.map(flag => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const takes = { none: '', text: '-x', path: '-rF', choices: '' }[value.kind]
  const after = value.kind === 'choices' ? `-xa ${quoted(value.choices.join(' '))}` : takes
  return [...names, after, `-d ${quoted(description)}`].filter(word => word !== '').join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
