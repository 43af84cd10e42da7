import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { hostFile, reasonFile } from './build.mjs'

export interface HostResult {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** Path of the built host; undefined where it could not be built (see `missingHostReason`). */
export function powershellHost(): string | undefined {
  return existsSync(hostFile) && missingHostReason() === '' ? hostFile : undefined
}

/** Why there is no host; empty when there is one. */
export function missingHostReason(): string {
  if (existsSync(reasonFile)) return readFileSync(reasonFile, 'utf8')
  return 'the PowerShell host was not built (node test/powershell-host/build.mjs)'
}

/** A PowerShell that tests run on, and what their names call it. */
export interface TestedPowerShell {
  name: string
  program: string
}

/** The host, and a real `pwsh` where `EXROLL_PWSH` names one or the PATH has one. Empty where there is neither. */
export function powershells(env: NodeJS.ProcessEnv = process.env): TestedPowerShell[] {
  const host = powershellHost()
  const named = env.EXROLL_PWSH === undefined || env.EXROLL_PWSH === '' ? [] : [env.EXROLL_PWSH]
  const onPath = (env.PATH ?? '').split(delimiter).map(folder => join(folder, 'pwsh'))
  const real = [...named, ...onPath].find(path => existsSync(path))
  return [
    ...(host === undefined ? [] : [{ name: 'the test host', program: host }]),
    ...(real === undefined ? [] : [{ name: real, program: real }]),
  ]
}

/** Runs the host to its end. Throws where there is none. */
export function runHost(
  args: string[],
  { stdin = '', env = {} }: { stdin?: string; env?: Record<string, string> } = {},
): Promise<HostResult> {
  const host = powershellHost()
  if (host === undefined) throw new Error(missingHostReason())
  return runPowerShell(host, args, { stdin, env })
}

/** Runs a PowerShell to its end. */
export function runPowerShell(
  program: string,
  args: string[],
  { stdin = '', env = {} }: { stdin?: string; env?: Record<string, string> } = {},
): Promise<HostResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, timeout: 50_000 })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', exitCode => {
      resolve({ exitCode, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
    })
    // A host that ends before it has read everything is a result, not a broken test.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })
}
