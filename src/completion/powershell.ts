import type { CompletionCommand } from './model.js'

/** A script for Windows PowerShell 5.1 and PowerShell 7. Pure. */
export function powershellCompletion(commands: CompletionCommand[]): string {
  const rows = commands.flatMap(({ path, subcommands, options, argumentChoices }) => {
    const at = path.join(' ')
    const words = [
      ...subcommands.map(({ name, description }) => [name, description] as const),
      ...options.flatMap(({ flags, description }) => flags.map(flag => [flag, description] as const)),
      ...argumentChoices.map(choice => [choice, ''] as const),
    ]
    return `    ${quoted(at)} = @(${words.map(([word, text]) => `@(${quoted(word)}, ${quoted(text)})`).join(', ')})`
  })
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => {
      if (value.kind === 'none') return []
      const choices = value.kind === 'choices' ? value.choices.map(quoted).join(', ') : ''
      return flags.map(flag => `    ${quoted(`${path.join(' ')}:${flag}`)} = @(${choices})`)
    }),
  )
  return `# PowerShell completion for exroll. Load it with: exroll completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName @('exroll', 'exroll.cmd') -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @{
${rows.join('\n')}
  }
  $values = @{
${values.join('\n')}
  }
  $path = ''
  $before = ''
  foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete -ne '') { break }
    $before = $element.Extent.Text
    $next = ($path + ' ' + $before).Trim()
    if ($words.ContainsKey($next)) { $path = $next }
  }
  $key = $path + ':' + $before
  if ($values.ContainsKey($key)) { $found = @($values[$key] | ForEach-Object { , @($_, '') }) } else { $found = $words[$path] }
  foreach ($pair in $found) {
    if (-not $pair[0].StartsWith($wordToComplete, [StringComparison]::OrdinalIgnoreCase)) { continue }
    $tip = $pair[1]
    if ($tip -eq '') { $tip = $pair[0] }
    [Management.Automation.CompletionResult]::new($pair[0], $pair[0], 'ParameterValue', $tip)
  }
}
`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
