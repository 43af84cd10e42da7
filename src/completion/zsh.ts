import type { CompletionCommand, CompletionOption } from './model.js'

/** A script for zsh's own completion system. Pure. */
export function zshCompletion(commands: CompletionCommand[]): string {
  const functions = commands.map(command => functionOf(command))
  return `#compdef exroll
# zsh completion for exroll. Put it into a folder of $fpath as _exroll: exroll completion zsh > ~/.zfunc/_exroll
${functions.join('\n')}
if [ "$funcstack[1]" = "_exroll" ]; then _exroll "$@"; else compdef _exroll exroll; fi
`
}

function functionOf({ path, subcommands, options, argumentChoices, takesFiles }: CompletionCommand): string {
  const specs = options.map(optionSpec)
  const name = nameOf(path)
  if (subcommands.length === 0) {
    if (argumentChoices.length > 0) specs.push(quoted(`*: :(${argumentChoices.join(' ')})`))
    else if (takesFiles) specs.push(quoted('*:file:_files'))
    return `${name}() {\n  _arguments ${specs.join(' \\\n    ')}\n}\n`
  }
  const described = subcommands.map(sub => `    ${quoted(`${sub.name}:${sub.description}`)}`).join('\n')
  const cases = subcommands.map(sub => `    ${sub.name}) ${nameOf([...path, sub.name])} ;;`).join('\n')
  return `${name}() {
  local -a subcommands
  subcommands=(
${described}
  )
  _arguments -C ${[...specs, quoted('1: :->command'), quoted('*:: :->rest')].join(' \\\n    ')}
  case $state in
  command) _describe -t commands command subcommands ;;
  rest)
    case $words[1] in
${cases}
    esac ;;
  esac
}
`
}

function optionSpec({ flags, description, value }: CompletionOption): string {
  const what = `[${description.replace(/[[\]]/g, ' ').replaceAll(':', '\\:')}]`
  const takes = { none: '', text: ':value: ', path: ':file:_files', choices: '' }[value.kind]
  const after = value.kind === 'choices' ? `:value:(${value.choices.join(' ')})` : takes
  const [first = ''] = flags
  if (flags.length === 1) return quoted(`*${first}${what}${after}`)
  return `{${flags.map(flag => quoted(`*${flag}`)).join(',')}}${quoted(`${what}${after}`)}`
}

function nameOf(path: string[]): string {
  return ['_exroll', ...path].join('_').replaceAll('-', '_')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
