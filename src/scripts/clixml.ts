const marker = '#< CLIXML'

/**
 * The words of what powershell.exe wrote on stderr. With its input redirected it writes errors as CLIXML: `<S S="Error">text</S>`
 * with `_x000D_` for control characters. Progress records are left out; text that is no CLIXML comes back without colours.
 */
export function stderrWords(stderr: string): string {
  const parts: string[] = []
  for (const [index, part] of stderr.split(marker).entries()) {
    if (index === 0) parts.push(part)
    else {
      for (const [, text = ''] of part.matchAll(/<S S="(?:Error|Warning)">([^<]*)<\/S>/g)) parts.push(decoded(text))
      parts.push(part.replace(/<Objs[\s\S]*?(?:<\/Objs>|$)/g, ''))
    }
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with ESC
  return parts.join('').replace(/\u001B\[[\d;]*m/g, '')
}

/** The first lines with something in them, joined by `; `. */
export function firstLines(text: string, count: number): string {
  const lines = text.split(/\r?\n/).map(line => line.trim())
  return lines
    .filter(line => line !== '')
    .slice(0, count)
    .join('; ')
}

function decoded(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
  return text
    .replace(/&(lt|gt|amp|quot|apos);/g, (whole, name: string) => entities[name] ?? whole)
    .replace(/_x([\dA-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
