/** One object as an NDJSON line, ASCII with `\uXXXX` and CRLF, as ps-scripts/shared/Json.ps1 writes it. */
export function jsonLine(value: object): string {
  const text = JSON.stringify(value).replace(
    /[^ -~]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `${text}\r\n`
}
