import type { CompletionCommand } from './model.js'

/** A script for bash 3.2 and newer. Pure. */
export function bashCompletion(commands: CompletionCommand[]): string {
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')))
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => {
      if (value.kind === 'none') return []
      const when = flags.map(flag => quoted(`${path.join(' ')}:${flag}`)).join('|')
      const words =
        value.kind === 'choices' ? `-W ${quoted(value.choices.join(' '))}` : value.kind === 'path' ? '-f' : ''
      return [`    ${when}) ${words === '' ? 'return' : reply(words)} ;;`]
    }),
  )
  const words = commands.map(({ path, subcommands, options, argumentChoices, takesFiles }) => {
    const own = [...subcommands.map(({ name }) => name), ...argumentChoices].join(' ')
    const flags = options.flatMap(option => option.flags).join(' ')
    return `    ${quoted(path.join(' '))}) words=${quoted(own)} flags=${quoted(flags)} files=${takesFiles ? 1 : 0} ;;`
  })
  return `# bash completion for exroll. Load it with: source <(exroll completion bash)
_exroll() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' next words='' flags='' files=0 i
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="\${path:+$path }\${COMP_WORDS[i]}"
    case "$next" in
    ${paths.join('|')}) path=$next ;;
    esac
  done
  case "$path:$prev" in
${values.join('\n')}
  esac
  case "$path" in
${words.join('\n')}
  esac
  if [[ $cur == -* ]]; then words=$flags; files=0; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ $files == 1 ]]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _exroll exroll
`
}

function reply(words: string): string {
  return `COMPREPLY=($(compgen ${words} -- "$cur")); return`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
