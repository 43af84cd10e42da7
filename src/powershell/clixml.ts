/** Characters that are looked through for words: nobody reads more of them, and a stream may have millions. */
const mostCharacters = 1024 * 1024

const marker = /#< CLIXML\r?\n?/
/** Text of a stream, whole or cut; an error as an object, whose own words come first in it. */
const records = /<S S="(Error|Warning)">([^<]*)|<Obj S="Error"[\s\S]{0,2000}?<ToString>([^<]*)/gi

/**
 * The words of what powershell.exe wrote on stderr. With its input redirected it writes errors as CLIXML: `<S S="Error">text</S>`
 * line by line with `_x000D_` for control characters, warnings as `<S S="warning">text</S>`, and with `-OutputFormat Xml` errors as
 * objects (seen of PowerShell 7). Other records are left out; text that is no CLIXML comes back without colours.
 */
export function stderrWords(stderr: string): string {
  const parts: string[] = []
  for (const [index, part] of stderr.slice(0, mostCharacters).split(marker).entries()) {
    if (index === 0) parts.push(part)
    else {
      for (const [, stream, line = '', words = ''] of part.matchAll(records)) {
        // Only the lines of an error bring their ends with them.
        parts.push(stream?.toLowerCase() === 'error' ? decoded(line) : `${decoded(line || words)}\n`)
      }
      const around = part.replace(/<Objs[\s\S]*?(?:<\/Objs>|$)/g, '')
      if (around.trim() !== '') parts.push(around)
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
