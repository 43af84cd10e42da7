import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JobEntry, ScriptArguments, ScriptName, ScriptResult } from '../../../src/scripts/catalog.js'
import {
  type LoadedScript,
  loadCopyScript,
  loadGuardScript,
  loadJobScript,
  loadScript,
} from '../../../src/scripts/load.js'
import { runHost, runPowerShell } from '../../powershell-host/host.js'
import { literal, Statement } from './literal.js'
import { defaultWorld, type WorldOptions } from './world.js'

/** The double of ps-scripts/shared/WindowsCalls.ps1: a server in memory. */
const windowsCalls = fileURLToPath(new URL('WindowsCalls.ps1', import.meta.url))
const driver = fileURLToPath(new URL('driver.ps1', import.meta.url))
const json = fileURLToPath(new URL('../../../ps-scripts/shared/Json.ps1', import.meta.url))

export type Step =
  | { call: ScriptName; args: Record<string, unknown> }
  /** Runs a registered task's own command line; nothing when there is no such task. */
  | { task: string }
  /** PowerShell that changes `$World` between two calls. */
  | { ps: string }

export interface Case {
  world?: WorldOptions
  /** Files of the server before the first step: path below its drive to content. */
  files?: Record<string, string | Uint8Array>
  steps: Step[]
  /** Puts a fault into each script's text before it runs. Cases that share the function are run side by side. */
  mutate?: (text: string) => string
}

/** A server as it stands after a step. */
export interface WorldState {
  registry: Record<string, unknown>
  /** `Automatic Running` by short name. */
  services: Record<string, string>
  tasks: string[]
  /** Everything that was changed, in order. */
  deeds: string[]
  events: { id: number; level: string; text: string }[]
  journal: JobEntry[]
  installs: number
  calls: number
  killed: string
  uptime: number
  files: string[]
  xml: string
  /** What stands in the file for the installer's exit code. */
  exit: string
}

export interface StepResult {
  /** What was thrown out of a script; empty when it ended by itself. */
  problem: string
  lines: Record<string, unknown>[]
  world: WorldState
}

/** A call of a script, with the arguments it has in src/scripts/catalog.ts. */
export function call<N extends ScriptName>(
  name: N,
  args: { [K in keyof ScriptArguments<N>]: ScriptArguments<N>[K] | Statement },
): Step {
  return { call: name, args }
}

/** Text and hash of what the tasks run, as arguments of the calls that register them; looked up when the call is made. */
export const guardScript = {
  text: new Statement('{ $global:GuardText }'),
  sha256: new Statement('{ $global:GuardSha256 }'),
}
export const jobScript = { text: new Statement('{ $global:JobText }'), sha256: new Statement('{ $global:JobSha256 }') }

export const copyScript = {
  text: new Statement('{ $global:CopyText }'),
  sha256: new Statement('{ $global:CopySha256 }'),
}

/** A host process is given up after a time; that many cases stay well below it, also on a machine that is busy. */
const casesPerHost = 12

/** For the cases of one test file together. */
export const hostsTimeoutMs = 300_000

/**
 * Runs cases in as few processes of a PowerShell as may be, each on a server of its own; the tests' host where no other is named. Returns
 * the results of each case's steps.
 */
export async function runCases(cases: Case[], program?: string): Promise<StepResult[][]> {
  const results: StepResult[][] = []
  for (let first = 0; first < cases.length; first += casesPerHost) {
    results.push(...(await runInOneHost(cases.slice(first, first + casesPerHost), program)))
  }
  return results
}

async function runInOneHost(cases: Case[], program: string | undefined): Promise<StepResult[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-ps-'))
  try {
    const variants = [...new Set(cases.map(({ mutate }) => mutate))]
    const prepared = cases.map(({ world = {}, files = {}, steps, mutate }, index) => {
      const root = join(folder, String(index))
      for (const [path, content] of Object.entries({ 'ProgramData/.keep': '', ...files })) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), content)
      }
      return { world: defaultWorld(root, world), steps, variant: variants.indexOf(mutate) }
    })
    const names = new Set(cases.flatMap(({ steps }) => steps.flatMap(step => ('call' in step ? [step.call] : []))))
    const file = join(folder, 'cases.ps1')
    const text = [
      readFileSync(json, 'utf8'),
      `$variants = ${literal(variants.map(mutate => scriptsOf(names, mutate)))}`,
      `$cases = ${literal(prepared)}`,
      readFileSync(driver, 'utf8'),
    ]
    writeFileSync(file, text.join('\n'))
    const words = ['-NoProfile', '-File', file]
    const { stdout, stderr } = await (program === undefined ? runHost(words) : runPowerShell(program, words))
    const lines = stdout.split('\n').filter(line => line.startsWith('['))
    if (lines.length !== cases.length) throw new Error(`the host stopped: ${stderr}\n${stdout.slice(0, 2000)}`)
    return lines.map(line => JSON.parse(line))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The scripts as one variant has them. */
function scriptsOf(names: Set<ScriptName>, mutate: Case['mutate']) {
  const scripts = [...names].map(name => [name, decoded(mutated(loadScript(name, { windowsCalls }), mutate).text)])
  const guard = mutated(loadGuardScript({ windowsCalls }), mutate)
  const job = mutated(loadJobScript({ windowsCalls }), mutate)
  const copy = mutated(loadCopyScript({ windowsCalls }), mutate)
  return {
    scripts: Object.fromEntries(scripts),
    guard: { text: decoded(guard.text), sha256: guard.sha256 },
    job: { text: decoded(job.text), sha256: job.sha256 },
    copy: { text: decoded(copy.text), sha256: copy.sha256 },
  }
}

/** The data of a call's envelope. Throws what the script said or threw. */
export function answer<N extends ScriptName>(_name: N, result: StepResult | undefined): ScriptResult<N> {
  const envelope = envelopeOf(result)
  if (envelope?.ok === true) return envelope.data as ScriptResult<N>
  throw new Error(`${JSON.stringify(envelope?.error)} ${result?.problem}`)
}

/** The error of a call's envelope. */
export function refusal(result: StepResult | undefined): { code: string; message: string; hint?: string } {
  const envelope = envelopeOf(result)
  if (envelope?.ok !== false) throw new Error(`it was not refused: ${JSON.stringify(result?.lines)} ${result?.problem}`)
  return envelope.error as { code: string; message: string; hint?: string }
}

function envelopeOf(result: StepResult | undefined): Record<string, unknown> | undefined {
  const last = result?.lines.at(-1)
  return last?.type === 'result' ? last : undefined
}

/** Any text, also one that no quotes can hold. */
function decoded(text: string): Statement {
  return new Statement(
    `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(text).toString('base64')}'))`,
  )
}

function mutated(script: LoadedScript, mutate: Case['mutate']): LoadedScript {
  if (mutate === undefined) return script
  const text = mutate(script.text)
  return { text, sha256: createHash('sha256').update(text, 'utf8').digest('hex') }
}
