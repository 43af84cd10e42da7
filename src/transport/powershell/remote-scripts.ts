import { readFileSync } from 'node:fs'

/** What runs in a session on a server; `ps-scripts/` lies beside `src/` and beside `dist/`. */
export type RemoteScript = 'Invoke-CommandLine' | 'Set-FilePart' | 'Get-FilePart' | 'Get-FileHashSum'

const texts = new Map<RemoteScript, string>()

export function remoteScript(name: RemoteScript): string {
  const known = texts.get(name)
  if (known !== undefined) return known
  const text = readFileSync(new URL(`../../../ps-scripts/transport/${name}.ps1`, import.meta.url), 'utf8')
  texts.set(name, text)
  return text
}
