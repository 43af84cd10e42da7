import { spawn } from 'node:child_process'
import { firstLines, stderrWords } from './clixml.js'

export interface AskOptions {
  program: string
  env: NodeJS.ProcessEnv
  /** PowerShell text. It goes over stdin: nothing of it has to fit on a command line, or be quoted there. */
  script: string
  /** Milliseconds. */
  timeoutMs: number
  /** What the script's one parameter gets, where it has one: a `[string[]]`. */
  words?: readonly string[]
}

/** What a script printed, or how it came to nothing. */
export type ShellAnswer = { output: string } | { late: true } | { failed: string; cause?: unknown }

/** Far more than 10000 servers print. */
const mostBytes = 32 * 2 ** 20

/** A fixed text: the first line of base64 is the script, each further one a word for it. */
const bootstrap = [
  '$exrollScript, $exrollWords = [Console]::In.ReadToEnd() -split "`n" | ForEach-Object { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($_)) }',
  '& ([ScriptBlock]::Create($exrollScript)) $exrollWords',
].join('; ')

/** Runs a script in a PowerShell of its own, under the operator's logon, and ends it when its time is over. */
export function askPowerShell({ program, env, script, timeoutMs, words = [] }: AskOptions): Promise<ShellAnswer> {
  const encoded = Buffer.from(bootstrap, 'utf16le').toString('base64')
  const argv = ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded]
  return new Promise(resolve => {
    const child = spawn(program, argv, { env: { ...env, TERM: 'dumb', NO_COLOR: '1' }, windowsHide: true })
    const said: Buffer[] = []
    let bytes = 0
    let complaint = ''
    const end = (answer: ShellAnswer) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      resolve(answer)
    }
    const timer = setTimeout(() => end({ late: true }), timeoutMs)
    child.on('error', cause => end({ failed: cause.message, cause }))
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes > mostBytes) end({ failed: 'it printed too much' })
      else said.push(piece)
    })
    child.stderr.on('data', piece => {
      complaint = (complaint + String(piece)).slice(0, 100_000)
    })
    child.on('close', code => {
      const why = firstLines(stderrWords(complaint), 3).slice(0, 300)
      if (code === 0) end({ output: Buffer.concat(said).toString('utf8') })
      else end({ failed: `it ended with ${code}${why === '' ? '' : `: ${why}`}` })
    })
    // A shell that is gone before it has read is told by its end.
    child.stdin.on('error', () => undefined)
    child.stdin.end([script, ...words].map(text => Buffer.from(text, 'utf8').toString('base64')).join('\n'))
  })
}
