/** What stands where a secret was. */
export const maskText = '********'

/** Knows secrets and takes them out of text before the text is shown, logged or thrown. */
export interface Masker {
  /** From now on `secret` is replaced, as it is and as JSON, a URL or base64 would write it. */
  add(secret: string): void
  mask(text: string): string
}

export function createMasker(secrets: readonly string[] = []): Masker {
  const forms = new Set<string>()
  let pattern: RegExp | undefined

  function add(secret: string): void {
    if (secret === '') return
    for (const form of writtenForms(secret)) forms.add(form)
    // Of two forms that start at one place the longer one has to match, or the rest of a secret would stay.
    const longestFirst = [...forms].sort((a, b) => b.length - a.length)
    pattern = new RegExp(longestFirst.map(form => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g')
  }

  for (const secret of secrets) add(secret)

  return {
    add,
    mask: text => (pattern === undefined ? text : text.replaceAll(pattern, maskText)),
  }
}

function writtenForms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  // Through the bytes, because a lone surrogate has no URL form of its own.
  const wellFormed = bytes.toString('utf8')
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(wellFormed), bytes.toString('base64')]
}
