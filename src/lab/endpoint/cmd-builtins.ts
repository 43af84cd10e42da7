import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Host } from '../model.js'
import { findEntries, formatFolder } from './cmd-dir.js'
import { lineAfterC, words } from './cmd-syntax.js'
import { homeFolder, windowsPath } from './windows-path.js'

/** What lasts from one command to the next. */
export interface CommandState {
  folder: string
  variables: Map<string, string>
  /** `%ERRORLEVEL%`: the exit code of the command before. */
  errorLevel: number
  /** Set by `exit`. */
  over: boolean
}

export interface CommandContext {
  host: Host
  state: CommandState
  rest: string
  stdin: AsyncIterable<Uint8Array>
  stdout(data: Uint8Array | string): void
  stderr(data: Uint8Array | string): void
  signal: AbortSignal
  /** Runs a line in a cmd.exe of its own. */
  nested(line: string): Promise<number>
}

export type Builtin = (context: CommandContext) => number | Promise<number>

export const windowsVersion = 'Microsoft Windows [Version 6.0.6002]'

const noSuchFile = 'The system cannot find the file specified.\r\n'
const noSuchPath = 'The system cannot find the path specified.\r\n'
const badSyntax = 'The syntax of the command is incorrect.\r\n'

/** The commands a person needs to look around on a simulated server, with cmd.exe's words and exit codes. */
export const builtins: Readonly<Record<string, Builtin>> = {
  echo: ({ rest, stdout }) => {
    const text = rest.replace(/^[ .:,;=/\\]/, '')
    stdout(`${text.trim() === '' && !/^[.:,;=/\\]/.test(rest) ? 'ECHO is on.' : text}\r\n`)
    return 0
  },
  exit: ({ rest, state }) => {
    state.over = true
    const code = words(rest).find(word => !/^\/b$/i.test(word))
    return code === undefined ? state.errorLevel : exitCode(code)
  },
  cd: changeFolder,
  chdir: changeFolder,
  ver: ({ stdout }) => {
    stdout(`\r\n${windowsVersion}\r\n`)
    return 0
  },
  hostname: ({ host, stdout }) => {
    stdout(`${host.name}\r\n`)
    return 0
  },
  whoami: ({ state, stdout }) => {
    stdout(`${`${state.variables.get('USERDOMAIN')}\\${state.variables.get('USERNAME')}`.toLowerCase()}\r\n`)
    return 0
  },
  set: setVariable,
  type: ({ host, state, rest, stdout, stderr }) => {
    const paths = words(rest)
    if (paths.length === 0) return fail(stderr, badSyntax)
    let code = 0
    for (const path of paths) {
      const whole = windowsPath(path, state.folder)
      const found = host.files.stat(whole)
      if (found === undefined || found.folder)
        code = fail(stderr, found === undefined ? noSuchFile : 'Access is denied.\r\n')
      else stdout(host.files.read(whole))
    }
    return code
  },
  dir: listFolder,
  del: deleteFiles,
  erase: deleteFiles,
  mkdir: makeFolders,
  md: makeFolders,
  rmdir: removeFolder,
  rd: removeFolder,
  findstr: findLines,
  more: async ({ host, state, rest, stdin, stdout, stderr }) => {
    const path = words(rest).find(word => !word.startsWith('/'))
    if (path === undefined) {
      for await (const chunk of stdin) stdout(chunk)
      return 0
    }
    const whole = windowsPath(path, state.folder)
    if (host.files.stat(whole) === undefined) return fail(stderr, `Cannot access file ${whole}\r\n`)
    stdout(host.files.read(whole))
    return 0
  },
  ping,
  certutil: hashFile,
  cmd: ({ rest, nested, stdout }) => {
    const line = /^\s*(?:\/[a-bd-z](?::\w+)?\s+)*\/c\s*(.*)$/is.exec(rest)?.[1]
    if (line === undefined) {
      stdout(`${windowsVersion}\r\n`)
      return 0
    }
    return nested(lineAfterC(line))
  },
  powershell: ({ stderr }) => {
    stderr(
      'This is a simulated server of the exroll lab: it has no PowerShell of its own. It answers the scripts that exroll\r\n' +
        'itself sends, and the plain commands dir, type, more, findstr, certutil -hashfile, del, mkdir, rmdir, set, ver, hostname.\r\n',
    )
    return 1
  },
  rem: () => 0,
}

function fail(stderr: (text: string) => void, text: string): number {
  stderr(text)
  return 1
}

/** A decimal or `0x` number, negative or not, as the 32 bits that Windows keeps. */
function exitCode(written: string): number {
  const match = /^([+-]?)(0x[0-9a-f]+|\d+)/i.exec(written)
  if (match === null) return 0
  const value = Number(match[2])
  return (match[1] === '-' ? -value : value) >>> 0
}

function changeFolder({ host, state, rest, stdout, stderr }: CommandContext): number {
  const target = rest
    .replace(/^\s*\/d\b/i, '')
    .trim()
    .replace(/"/g, '')
  if (target === '') {
    stdout(`${state.folder}\r\n`)
    return 0
  }
  const whole = windowsPath(target, state.folder)
  if (!host.files.stat(whole)?.folder) return fail(stderr, noSuchPath)
  state.folder = whole
  return 0
}

function setVariable({ state, rest, stdout, stderr }: CommandContext): number {
  const text = rest.trim().replace(/^"(.*)"$/, '$1')
  const equals = text.indexOf('=')
  if (equals > 0) {
    const name = text.slice(0, equals).toUpperCase()
    const value = text.slice(equals + 1)
    if (value === '') state.variables.delete(name)
    else state.variables.set(name, value)
    return 0
  }
  const shown = [...state.variables].filter(([name]) => name.startsWith(text.toUpperCase())).sort()
  if (shown.length === 0) return fail(stderr, `Environment variable ${text} not defined\r\n`)
  for (const [name, value] of shown) stdout(`${name}=${value}\r\n`)
  return 0
}

function listFolder({ host, state, rest, stdout, stderr }: CommandContext): number {
  const given = words(rest.replace(/(\/[a-z])(?=\/)/gi, '$1 '))
  const switches = given.filter(word => word.startsWith('/')).map(word => word.slice(1).toLowerCase())
  const unknown = switches.find(word => !/^[abosn-]/.test(word))
  if (unknown !== undefined) return fail(stderr, `Invalid switch - "${unknown}".\r\n`)
  const path = windowsPath(given.find(word => !word.startsWith('/')) ?? '.', state.folder)
  const found = findEntries(host.files, path)
  const bare = switches.includes('b')
  if (found === undefined) return fail(stderr, 'File Not Found\r\n')
  if (switches.includes('s')) {
    const all = below(host, found.folder, found.entries)
    if (bare)
      for (const entry of all.flatMap(one => one.entries.map(({ name }) => `${one.folder}\\${name}`)))
        stdout(`${entry}\r\n`)
    else for (const one of all) stdout(formatFolder(one.folder, one.entries, true))
    return 0
  }
  if (bare) for (const entry of found.entries) stdout(`${entry.name}\r\n`)
  else stdout(formatFolder(found.folder, found.entries, found.folder === path))
  return 0
}

function below(
  host: Host,
  folder: string,
  entries: ReturnType<Host['files']['list']>,
): { folder: string; entries: typeof entries }[] {
  const inner = entries
    .filter(entry => entry.folder)
    .flatMap(entry => {
      const path = windowsPath(entry.name, folder)
      return below(host, path, host.files.list(path))
    })
  return [{ folder, entries }, ...inner]
}

function deleteFiles({ host, state, rest, stderr }: CommandContext): number {
  const paths = words(rest).filter(word => !/^\/[pfsqa](:\S*)?$/i.test(word))
  if (paths.length === 0) return fail(stderr, badSyntax)
  for (const path of paths) {
    const whole = windowsPath(path, state.folder)
    const found = findEntries(host.files, whole)
    // cmd.exe sets no exit code for this, only the words.
    if (found === undefined) stderr(`Could Not Find ${whole}\r\n`)
    else for (const entry of found.entries) if (!entry.folder) host.files.remove(windowsPath(entry.name, found.folder))
  }
  return 0
}

function makeFolders({ host, state, rest, stderr }: CommandContext): number {
  let code = 0
  const paths = words(rest)
  if (paths.length === 0) return fail(stderr, badSyntax)
  for (const path of paths) {
    const whole = windowsPath(path, state.folder)
    if (host.files.stat(whole) !== undefined) {
      code = fail(stderr, `A subdirectory or file ${path} already exists.\r\n`)
      continue
    }
    const parts = whole.split('\\')
    for (let depth = 2; depth <= parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('\\')
      if (host.files.stat(folder) === undefined) host.files.makeFolder(folder)
    }
  }
  return code
}

function removeFolder({ host, state, rest, stderr }: CommandContext): number {
  const given = words(rest)
  const path = given.find(word => !word.startsWith('/'))
  if (path === undefined) return fail(stderr, badSyntax)
  const whole = windowsPath(path, state.folder)
  const found = host.files.stat(whole)
  if (found === undefined) return fail(stderr, noSuchFile)
  if (!found.folder) return fail(stderr, 'The directory name is invalid.\r\n')
  const all = below(host, whole, host.files.list(whole))
  if (!given.some(word => /^\/s$/i.test(word)) && all.some(one => one.entries.length > 0)) {
    return fail(stderr, 'The directory is not empty.\r\n')
  }
  for (const one of all.reverse()) {
    for (const entry of one.entries) if (!entry.folder) host.files.remove(windowsPath(entry.name, one.folder))
    host.files.remove(one.folder)
  }
  return 0
}

/** `findstr "^"` passes its input on byte for byte; other patterns pick lines, `/c:` literally. */
async function findLines({ host, state, rest, stdin, stdout, stderr }: CommandContext): Promise<number> {
  const given = words(rest)
  const switches = given.filter(word => /^\/[a-z]/i.test(word))
  const [first, ...others] = given.filter(word => !/^\/[a-z]/i.test(word))
  const literal = switches.find(word => /^\/c:/i.test(word))?.slice(3)
  const sought = literal ?? first
  if (sought === undefined) return fail(stderr, 'FINDSTR: Bad command line\r\n')
  const paths = literal === undefined ? others : first === undefined ? [] : [first, ...others]
  let source = stdin
  if (paths.length > 0) {
    const wholes = paths.map(path => windowsPath(path, state.folder))
    const missing = wholes.find(path => host.files.stat(path) === undefined)
    if (missing !== undefined) return fail(stderr, `FINDSTR: Cannot open ${missing}\r\n`)
    source = inOrder(wholes.map(path => host.files.read(path)))
  }
  if (sought === '^') {
    for await (const chunk of source) stdout(chunk)
    return 0
  }
  const has = (flag: string): boolean => switches.some(word => word.toLowerCase() === flag)
  const alternatives = literal === undefined ? sought.split(' ') : [sought]
  const special = literal !== undefined || has('/l') ? /[.*+?^${}()|[\]\\]/g : /[+?{}()|]/g
  const pattern = new RegExp(alternatives.map(one => one.replace(special, '\\$&')).join('|'), has('/i') ? 'i' : '')
  let matched = false
  for (const line of Buffer.concat(await collect(source))
    .toString('utf8')
    .split(/\r?\n/)) {
    if (line === '' || pattern.test(line) === has('/v')) continue
    matched = true
    stdout(`${line}\r\n`)
  }
  return matched ? 0 : 1
}

async function* inOrder(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return pieces
}

/** The usual way to wait on Windows: `ping -n 6 127.0.0.1` takes five real seconds. */
async function ping({ rest, stdout, stderr, signal }: CommandContext): Promise<number> {
  const given = words(rest)
  const at = given.findIndex(word => /^[-/]n$/i.test(word))
  const count = at < 0 ? 4 : Number(given[at + 1])
  const target = given.filter((_, index) => index !== at && index !== at + 1).find(word => !/^[-/]/.test(word))
  if (target === undefined || !Number.isInteger(count) || count < 1) return fail(stderr, 'Bad value for option -n.\r\n')
  if (!['127.0.0.1', 'localhost', '::1'].includes(target)) {
    stdout(`Ping request could not find host ${target}. Please check the name and try again.\r\n`)
    return 1
  }
  stdout(`\r\nPinging ${target} with 32 bytes of data:\r\n`)
  for (let turn = 0; turn < count; turn += 1) {
    if (turn > 0) await wait(1000, undefined, { signal }).catch(() => {})
    if (signal.aborted) return 1
    stdout(`Reply from ${target}: bytes=32 time<1ms TTL=128\r\n`)
  }
  stdout(
    `\r\nPing statistics for ${target}:\r\n    Packets: Sent = ${count}, Received = ${count}, Lost = 0 (0% loss),\r\n`,
  )
  return 0
}

/** `certutil -hashfile FILE [ALGORITHM]`; before Windows 10 the bytes stand apart, which a reader has to take too. */
function hashFile({ host, state, rest, stdout }: CommandContext): number {
  const [verb, path, algorithm = 'SHA1'] = words(rest)
  if (
    !/^[-/]hashfile$/i.test(verb ?? '') ||
    path === undefined ||
    !/^(md5|sha1|sha256|sha384|sha512)$/i.test(algorithm)
  ) {
    stdout('CertUtil: Unknown arg: only -hashfile FILE MD5|SHA1|SHA256|SHA384|SHA512 is there in the lab\r\n')
    return 0x80070057
  }
  const whole = windowsPath(path, state.folder)
  const found = host.files.stat(whole)
  if (found === undefined || found.folder) {
    const error = '0x80070002 (WIN32: 2 ERROR_FILE_NOT_FOUND)'
    stdout(`CertUtil: -hashfile command FAILED: ${error}\r\nCertUtil: The system cannot find the file specified.\r\n`)
    return 0x80070002
  }
  const kind = algorithm.toLowerCase()
  const digest =
    kind === 'sha256' ? host.files.sha256(whole) : createHash(kind).update(host.files.read(whole)).digest('hex')
  const apart = digest.replace(/..(?=.)/g, '$& ')
  stdout(
    `${algorithm.toUpperCase()} hash of file ${path}:\r\n${apart}\r\nCertUtil: -hashfile command completed successfully.\r\n`,
  )
  return 0
}

/** The environment a logon of the lab's account starts with. */
export function startVariables(host: Host): Map<string, string> {
  return new Map([
    ['COMPUTERNAME', host.name.toUpperCase()],
    ['COMSPEC', 'C:\\Windows\\system32\\cmd.exe'],
    ['HOMEDRIVE', 'C:'],
    ['HOMEPATH', homeFolder.slice(2)],
    ['OS', 'Windows_NT'],
    ['PROCESSOR_ARCHITECTURE', 'AMD64'],
    ['PROGRAMDATA', 'C:\\ProgramData'],
    ['PROGRAMFILES', 'C:\\Program Files'],
    ['SYSTEMDRIVE', 'C:'],
    ['SYSTEMROOT', 'C:\\Windows'],
    ['TEMP', `${homeFolder}\\AppData\\Local\\Temp`],
    ['USERDOMAIN', 'CONTOSO'],
    ['USERNAME', 'exadmin'],
    ['USERPROFILE', homeFolder],
    ['WINDIR', 'C:\\Windows'],
  ])
}
