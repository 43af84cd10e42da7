import { createHash } from 'node:crypto'
import { callLine } from '../../../scripts/bootstrap.js'
import type { ExecChannel, Host } from '../../model.js'
import { openForWriting } from '../open-file.js'
import { windowsPath } from '../windows-path.js'

/**
 * Plays the PowerShell programs with which Ansible's WinRM connection carries files and runs a command, so that a client that
 * nobody here wrote can be let loose on a lab without PowerShell. Undefined for everything else.
 */
export function playClientProgram(host: Host, channel: ExecChannel): Promise<number> | undefined {
  if (channel.line.trim() === callLine) return undefined
  const encoded = /^powershell(?:\.exe)?\s.*-EncodedCommand\s+([A-Za-z0-9+/]+=*)\s*$/i.exec(channel.line)?.[1]
  if (encoded === undefined) return undefined
  const program = Buffer.from(encoded, 'base64').toString('utf16le')
  if (/\[System\.IO\.File\]::Create\(\$path\)/.test(program)) return put(host, channel, pathIn(program))
  if (/IO\.FileStream\(\$path/.test(program)) return fetch(host, channel, program)
  // A line of its own without anything of PowerShell's language is a command like any other.
  const isPlain = !/[\n$;{}()@[\]]/.test(program.trim())
  return isPlain ? host.exec({ ...channel, line: program.trim() }) : undefined
}

function pathIn(program: string): string {
  const quoted = /\$path = '((?:[^']|'')*)'/.exec(program)?.[1] ?? ''
  return windowsPath(quoted.replaceAll("''", "'"))
}

/** Base64 lines on stdin become a file; its SHA-1 is the answer. */
async function put(host: Host, channel: ExecChannel, path: string): Promise<number> {
  const file = openForWriting(host, path, new Uint8Array(), true)
  file.truncate(0)
  const hash = createHash('sha1')
  let pending = ''
  const take = (line: string): void => {
    const bytes = Buffer.from(line.trim(), 'base64')
    hash.update(bytes)
    file.write(0, bytes)
  }
  for await (const chunk of channel.stdin) {
    const lines = (pending + Buffer.from(chunk).toString('latin1')).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
  if (pending !== '') take(pending)
  file.settle(!channel.signal.aborted)
  channel.stdout(`{"sha1":"${hash.digest('hex')}"}\r\n`)
  return 0
}

/** A part of a file as base64. */
async function fetch(host: Host, channel: ExecChannel, program: string): Promise<number> {
  const path = pathIn(program)
  const number = (name: string): number => Number(new RegExp(`\\$${name} = (\\d+)`).exec(program)?.[1] ?? 0)
  const stat = host.files.stat(path)
  if (stat === undefined) {
    channel.stderr(`${path} does not exist\r\n`)
    return 1
  }
  if (stat.folder) channel.stdout('[DIR]\r\n')
  else {
    const offset = number('offset')
    const bytes = Buffer.from(host.files.read(path).subarray(offset, offset + number('buffer_size')))
    if (bytes.length > 0) channel.stdout(`${bytes.toString('base64')}\r\n`)
  }
  return 0
}
