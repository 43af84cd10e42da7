/** Text from a server made safe for a terminal: control characters and escapes become visible, nothing moves the cursor. */
export function terminalText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ')
}

/**
 * A value as JSON of several lines that is safe for a terminal. JSON itself escapes only some of what moves a cursor or turns text
 * around.
 */
export function terminalJson(value: unknown): string {
  return escapedJson(`${JSON.stringify(value, null, 2)}\n`)
}

/** JSON that says the same, with what a terminal would act on as escapes. */
export function escapedJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
