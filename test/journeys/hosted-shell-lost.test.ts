import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeEvents } from '../../src/events/codec.js'
import type { RunEvent } from '../../src/events/event.js'
import { canWatch, descendants } from '../process-watch.js'
import { whyNotHosted } from '../transport/powershell/engine-behind-sshd.js'
import { applyRollup, differences, exroll, type LabProcess } from './exroll.js'
import { fleetBehindSshd } from './fleet-behind-sshd.js'

const limit = 500_000
const whyNot = (await whyNotHosted()) ?? (canWatch ? undefined : 'no /proc here to find a process in')
const everyServerAtOnce = [
  '--set',
  'rollout.canary=0',
  '--set',
  'rollout.serial=[100%]',
  '--set',
  'rollout.between.soak=0s',
]

const runWords = (inventory: string, runs: string) => [
  ...['run', applyRollup, '-i', inventory, '--ui', 'ndjson', '--yes', '--runs-dir', runs],
  ...everyServerAtOnce,
]

function outcomes(events: RunEvent[]): Record<string, string> {
  return Object.fromEntries(
    events.flatMap(event => (event.type === 'server.finished' ? [[event.server, event.outcome]] : [])),
  )
}

/** The hosted shell of a run, and what it started to be one. */
function hostedShells(exrollPid: number): number[] {
  return descendants(exrollPid).filter(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('-NonInteractive')
    } catch {
      return false
    }
  })
}

describe.skipIf(whyNot !== undefined)(
  `a run whose hosted PowerShell goes${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`,
  () => {
    let fleet: LabProcess
    beforeAll(async () => {
      const names = ['ex-cas-01', 'ex-cas-02']
      fleet = await fleetBehindSshd({ servers: 6, only: server => names.includes(server.name) })
    }, limit)
    afterAll(() => fleet?.end(), limit)

    it.for([
      ['is killed', 'SIGKILL'],
      ['answers nothing any more', 'SIGSTOP'],
    ] as const)(
      'goes on with another one, when it %s under the installs: each server is patched once and restored',
      { timeout: limit },
      async ([, signal]) => {
        const names = ['ex-cas-01', 'ex-cas-02']
        const own =
          signal === 'SIGKILL' ? fleet : await fleetBehindSshd({ servers: 6, only: one => names.includes(one.name) })
        const before = await own.state()
        const started = exroll(runWords(own.inventory, mkdtempSync(join(own.folder, 'runs-'))))
        await Promise.all(names.map(name => started.says(new RegExp(`"server":"${name}","step":"install"`))))
        const lost = hostedShells(started.child.pid ?? 0)
        for (const pid of lost) process.kill(pid, signal)
        const { exitCode, stdout, stderr } = await started.ended
        if (signal === 'SIGSTOP') for (const pid of lost) endIfThere(pid)
        expect(lost).not.toEqual([])
        expect(exitCode, stderr + stdout.slice(-3000)).toBe(0)
        expect(outcomes(decodeEvents(stdout).events)).toEqual({ 'ex-cas-01': 'changed', 'ex-cas-02': 'changed' })
        const after = await own.state()
        for (const name of names) {
          expect(after.servers[name]).toMatchObject({ build: '8.1.311.3', installsStarted: 1 })
          expect(differences(before, after, name)).toEqual([])
        }
        if (own !== fleet) await own.end()
      },
    )
  },
)

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // exroll has ended it.
  }
}

describe.skipIf(process.platform === 'win32')(
  'a run without a PowerShell to host (programs with #! need POSIX)',
  () => {
    let folder: string
    let inventory: string
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'exroll-no-shell-'))
      inventory = join(folder, 'fleet.yaml')
      const rows = ['ex-cas-01', 'ex-cas-02', 'ex-cas-03'].map(
        (name, index) => `  - { name: ${name}, host: 127.0.0.1, port: ${index + 1}, roles: [cas] }`,
      )
      writeFileSync(
        inventory,
        `credentials: { me: { username: exadmin, agent: true } }
defaults: { transport: powershell, credential: me }
servers:
${rows.join('\n')}
`,
      )
    })
    afterAll(() => rmSync(folder, { recursive: true, force: true }))

    async function errorsOf(env: NodeJS.ProcessEnv): Promise<(string | undefined)[]> {
      const { exitCode, stdout, stderr } = await exroll(runWords(inventory, mkdtempSync(join(folder, 'runs-'))), env)
        .ended
      const { events } = decodeEvents(stdout)
      expect(exitCode, stderr).toBe(4)
      expect(outcomes(events)).toEqual({
        'ex-cas-01': 'unreachable',
        'ex-cas-02': 'unreachable',
        'ex-cas-03': 'unreachable',
      })
      const errors = events.flatMap(event =>
        event.type === 'step.finished' && event.error !== undefined ? [event.error] : [],
      )
      for (const { hint } of errors) expect(hint).toEqual(expect.any(String))
      return errors.map(({ code }) => code)
    }

    it('ends with one clear error for each server, where none is on PATH', async () => {
      expect(await errorsOf({ EXROLL_PWSH: '', PATH: folder })).toEqual([
        'PWSH_MISSING',
        'PWSH_MISSING',
        'PWSH_MISSING',
      ])
    })

    it('ends with one clear error for each server, where it never answers', { timeout: limit }, async () => {
      const silent = join(folder, 'silent')
      writeFileSync(silent, '#!/bin/sh\nexec sleep 1000\n')
      chmodSync(silent, 0o755)
      expect(await errorsOf({ EXROLL_PWSH: silent })).toEqual(['SHELL_START', 'SHELL_START', 'SHELL_START'])
    })
  },
)
