import { readFileSync } from 'node:fs'
import { packageFile } from '../../package-file.js'

/** What runs in a session on a server, by its name in `ps-scripts/transport`. */
export type RemoteScript = 'Invoke-CommandLine' | 'Set-FilePart' | 'Get-FilePart' | 'Get-FileHashSum'

const texts = new Map<RemoteScript, string>()

export function remoteScript(name: RemoteScript): string {
  const known = texts.get(name)
  if (known !== undefined) return known
  const text = readFileSync(packageFile(`ps-scripts/transport/${name}.ps1`), 'utf8')
  texts.set(name, text)
  return text
}
