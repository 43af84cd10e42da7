import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { decodeEvents } from '../../src/events/codec.js'
import type { RunEvent, ServerOutcome } from '../../src/events/event.js'
import { askLab } from '../../src/lab/control.js'
import type { LabState } from '../../src/lab/model.js'

export const root = resolve(import.meta.dirname, '../..')
export const applyRollup = join(root, 'playbooks', 'apply-rollup.yaml')

export interface Ended {
  exitCode: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Started {
  child: ChildProcess
  ended: Promise<Ended>
  /** Resolves once stdout holds the text; rejects when the process ends before. */
  says(text: string | RegExp): Promise<void>
}

/** The built program as its users start it: a real process. `through` = words that start it, where it is not started by itself. */
export function exroll(args: string[], env: NodeJS.ProcessEnv = {}, through: readonly string[] = []): Started {
  const [program, ...words] = [...through, process.execPath, join(root, 'dist', 'cli.js'), ...args] as [
    string,
    ...string[],
  ]
  const child = spawn(program, words, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const watchers = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
    for (const watch of watchers) watch()
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const ended = new Promise<Ended>(done => {
    child.on('close', (exitCode, signal) => done({ exitCode, signal, stdout, stderr }))
  })
  return {
    child,
    ended,
    says: text =>
      new Promise((found, failed) => {
        const look = () => {
          if (typeof text === 'string' ? !stdout.includes(text) : !text.test(stdout)) return
          watchers.delete(look)
          found()
        }
        watchers.add(look)
        look()
        void ended.then(end =>
          failed(new Error(`ended with ${end.exitCode} before saying ${String(text)}:\n${end.stderr}`)),
        )
      }),
  }
}

export interface LabProcess {
  inventory: string
  folder: string
  state(): Promise<LabState>
  end(): Promise<void>
}

/** A lab in a process of its own, as `exroll lab up` starts it. */
export async function labUp(args: string[]): Promise<LabProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-journey-'))
  const inventory = join(folder, 'inv.yaml')
  const lab = exroll(['lab', 'up', '--inventory-out', inventory, ...args])
  await lab.says('lab ready')
  return {
    inventory,
    folder,
    state: () => askLab(inventory, { do: 'state' }),
    async end() {
      lab.child.kill('SIGTERM')
      await lab.ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export interface RunResult extends Ended {
  events: RunEvent[]
  outcomes: Record<string, ServerOutcome>
  causes: Record<string, string | undefined>
  folder: string
}

/** `exroll run` with its NDJSON read back. */
export async function run(lab: LabProcess, args: string[] = []): Promise<RunResult> {
  const runs = mkdtempSync(join(lab.folder, 'runs-'))
  const end = await exroll([
    'run',
    applyRollup,
    '-i',
    lab.inventory,
    '--ui',
    'ndjson',
    '--yes',
    '--runs-dir',
    runs,
    // Soaking between batches is waiting, and nothing else.
    ...['--set', 'rollout.between.soak=0s'],
    ...args,
  ]).ended
  const { events } = decodeEvents(end.stdout)
  const finished = events.filter(event => event.type === 'server.finished')
  const [id] = readdirSync(runs)
  return {
    ...end,
    events,
    outcomes: Object.fromEntries(finished.map(event => [event.server, event.outcome])),
    causes: Object.fromEntries(finished.map(event => [event.server, event.cause])),
    folder: join(runs, id ?? ''),
  }
}

/** The journal of a run folder as events. */
export function journalOf(folder: string): RunEvent[] {
  return decodeEvents(readFileSync(join(folder, 'journal.ndjson'), 'utf8')).events
}

/** What differs from before on a server that should only have been patched; empty when all is as it was. */
export function differences(before: LabState, after: LabState, name: string): string[] {
  const was = before.servers[name]
  const is = after.servers[name]
  if (was === undefined || is === undefined) return [`${name} is not in both states`]
  const found: string[] = []
  for (const key of ['crl', 'serverCertificateRevocation', 'executionPolicy', 'installerLogging', 'tasks'] as const) {
    if (JSON.stringify(was[key]) !== JSON.stringify(is[key])) {
      found.push(`${name} ${key}: ${JSON.stringify(was[key])} -> ${JSON.stringify(is[key])}`)
    }
  }
  const services = new Map(is.services.map(service => [service.name, service]))
  for (const service of was.services) {
    const now = services.get(service.name)
    if (now?.startType !== service.startType)
      found.push(`${name} ${service.name}: ${service.startType} -> ${now?.startType}`)
    if (service.state === 'Running' && now?.state !== 'Running') found.push(`${name} ${service.name} does not run`)
    if (service.state === 'Stopped' && now?.state === 'Running') found.push(`${name} ${service.name} was started`)
  }
  if (is.installsStarted > 1) found.push(`${name}: ${is.installsStarted} installs were started`)
  return found
}
