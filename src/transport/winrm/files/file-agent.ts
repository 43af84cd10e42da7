import { readFileSync } from 'node:fs'
import { packageFile } from '../../../package-file.js'

/**
 * A file on the server is read and written by a fixed PowerShell program, because WinRM itself carries no files. Its command line
 * holds no data; the request is one line on stdin, after it come the bytes of `put`:
 *
 *     exroll-file/1 put|get|hash|remove <base64 of the path's UTF-8> <offset>
 *
 * Where a `put` goes on may be left open with `-`: it then answers what is there, and waits for a line with the offset before the bytes.
 * A `put` does not keep others off its file: the program of an exroll that is gone holds it until its shell ends, and must not be in the way.
 * It answers with one line on stdout, after it come the bytes of `get`:
 *
 *     ok <bytes> <SHA-256 in hex>
 *     error FILE_MISSING|ACCESS_DENIED|TRANSFER_FAILED <base64 of the words' UTF-8>
 */
export interface FileRequest {
  verb: 'put' | 'get' | 'hash' | 'remove'
  path: string
  /** Where `put` goes on; what the file has behind it is cut off. `ask`: said in a line of its own, once it is known what is there. */
  offset: number | 'ask'
}

export type FileAnswer = { ok: true; bytes: number; sha256: string } | { ok: false; code: string; message: string }

const first = 'exroll-file/1'
const programFile = packageFile('ps-scripts/winrm/Copy-File.ps1')

let line: string | undefined

/** The command line of every request: ASCII, under the 8,191 characters of cmd.exe. */
export function fileAgentLine(): string {
  if (line === undefined) {
    const program = readFileSync(programFile, 'utf8').replaceAll('\r\n', '\n').trimEnd()
    const encoded = Buffer.from(program, 'utf16le').toString('base64')
    line = `powershell.exe -NoLogo -NoProfile -NonInteractive -InputFormat None -EncodedCommand ${encoded}`
  }
  return line
}

export function writeFileRequest({ verb, path, offset }: FileRequest): string {
  return `${first} ${verb} ${Buffer.from(path, 'utf8').toString('base64')} ${offset === 'ask' ? '-' : offset}\n`
}

/** The line that says where a `put` goes on that left it open. */
export function writeOffset(offset: number): string {
  return `${offset}\n`
}

/** The request in a line without its end; undefined when it is none. */
export function readFileRequest(text: string): FileRequest | undefined {
  const match = /^exroll-file\/1 (put|get|hash|remove) ([A-Za-z0-9+/]+={0,2}) (\d{1,15}|-)$/.exec(text)
  if (match === null) return undefined
  const [, verb, path = '', offset] = match
  return {
    verb: verb as FileRequest['verb'],
    path: Buffer.from(path, 'base64').toString('utf8'),
    offset: offset === '-' ? 'ask' : Number(offset),
  }
}

export function writeFileAnswer(answer: FileAnswer): string {
  if (answer.ok) return `ok ${answer.bytes} ${answer.sha256 === '' ? '-' : answer.sha256}\n`
  return `error ${answer.code} ${Buffer.from(answer.message, 'utf8').toString('base64')}\n`
}

/** The answer in a line without its end; undefined when it is none. */
export function readFileAnswer(text: string): FileAnswer | undefined {
  const ok = /^ok (\d{1,15}) ([0-9a-f]{64}|-)\r?$/.exec(text)
  if (ok !== null) return { ok: true, bytes: Number(ok[1]), sha256: ok[2] ?? '' }
  const failed = /^error ([A-Z_]{1,40}) ([A-Za-z0-9+/]*={0,2})\r?$/.exec(text)
  if (failed === null) return undefined
  return { ok: false, code: failed[1] ?? '', message: Buffer.from(failed[2] ?? '', 'base64').toString('utf8') }
}
