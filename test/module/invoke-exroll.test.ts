import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyRollup, journalOf, type LabProcess, labUp, root } from '../journeys/exroll.js'
import { canWatch, descendants } from '../process-watch.js'
import { inShell, moduleFile, shells } from './shells.js'

const found = shells()
const whole = found.find(shell => shell.whole)
const limit = 240_000

interface Streams {
  progress: { activity: string; status: string; operation: string; percent: number; kind: string }[]
  verbose: string[]
  errors: { id: string; category: string; target: string }[]
  rows: string[]
}

/** A call in a runspace of its own, so that each stream can be looked at. */
const withStreams = (call: string) => `
$shell = [powershell]::Create([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
[void]$shell.AddScript(@'
Import-Module '${moduleFile}'
${call}
'@)
$rows = @($shell.Invoke())
Write-Test @{
  progress = @($shell.Streams.Progress | ForEach-Object { @{ activity = $_.Activity; status = $_.StatusDescription; operation = $_.CurrentOperation; percent = $_.PercentComplete; kind = [string]$_.RecordType } })
  verbose = @($shell.Streams.Verbose | ForEach-Object { $_.Message })
  errors = @($shell.Streams.Error | ForEach-Object { @{ id = $_.FullyQualifiedErrorId; category = [string]$_.CategoryInfo.Category; target = [string]$_.TargetObject.Server } })
  rows = @($rows | ForEach-Object { $_.Server })
}`

/** A PowerShell, which may have been started by a small program that stands in for it; exroll is not among them. */
function shellsOf(pid: number): number[] {
  return [pid, ...descendants(pid)].filter(one => !readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('cli.js'))
}

describe.skipIf(found.length === 0)('Invoke-ExRoll (no PowerShell here: neither pwsh nor the tests’ engine)', () => {
  let lab: LabProcess
  beforeAll(async () => {
    lab = await labUp(['--servers', '3', '--seed', '11', '--time-scale', '60', '--fault', 'interim-update@ex-hub-01'])
  }, limit)
  afterAll(() => lab?.end(), limit)

  const newRuns = () => mkdtempSync(join(lab.folder, 'runs-'))
  const call = (runs: string, words: string) =>
    `Invoke-ExRoll '${applyRollup}' '${lab.inventory}' -RunsFolder '${runs}' -Set 'rollout.between.soak=0s' ${words}`

  describe.each(found)('in $name', shell => {
    it('tells progress, notes and log lines in their streams; an error stops none of the others', async () => {
      const { told, stderr } = await inShell<Streams>(shell, withStreams(call(newRuns(), '-WhatIf -Verbose')))
      const [{ progress, verbose, errors, rows }] = told as [Streams]
      expect(rows.toSorted(), stderr).toEqual(['ex-cas-01', 'ex-hub-01', 'ex-mbx-01'])
      expect(errors).toEqual([
        { id: 'interim-update,Invoke-ExRoll', category: 'PermissionDenied', target: 'ex-hub-01' },
      ])
      expect(progress[0]).toMatchObject({
        activity: 'Exchange 2007 SP1, Update Rollup 4',
        status: expect.stringMatching(/^0 of 3 servers, \S+ connect$/),
      })
      expect(progress.some(({ operation }) => /^ex-cas-01 precheck/.test(operation))).toBe(true)
      const shown = progress.filter(({ kind }) => kind === 'Processing')
      expect(shown.every(({ percent }) => percent >= 0 && percent <= 100)).toBe(true)
      expect(progress.at(-1)?.kind).toBe('Completed')
      expect(verbose).toContain('ex-mbx-01 precheck ok')
    })

    it('asks before it changes anything: where nobody can answer, nobody is contacted', async () => {
      const runs = newRuns()
      const { told } = await inShell<{ error: string; confirm: string }>(
        shell,
        `try { ${call(runs, '')}; $failure = '' } catch { $failure = [string]$_ }
Write-Test @{ error = $failure; confirm = [string](Get-Command Invoke-ExRoll).Parameters.ContainsKey('Confirm') }`,
      )
      expect(told[0]?.error).not.toBe('')
      expect(told[0]?.confirm).toBe('True')
      expect(readdirSync(runs)).toEqual([])
    })
  })

  describe.skipIf(whole === undefined)('in a whole PowerShell (no pwsh here)', () => {
    const pwsh = whole as NonNullable<typeof whole>

    it('is a job with -AsJob, whose objects come with Receive-Job and whose errors stop nothing', {
      timeout: limit,
    }, async () => {
      const runs = newRuns()
      const { told, stderr } = await inShell<{
        job: string
        rows: { type: string; Server: string }[]
        errors: string[]
        state: string
      }>(
        pwsh,
        `$job = ${call(runs, '-WhatIf -AsJob')}
$kind = $job.PSObject.TypeNames[0]
$rows = @(Receive-Job $job -Wait -ErrorVariable failures -ErrorAction SilentlyContinue)
Write-Test @{
  job = $kind
  rows = @($rows | ForEach-Object { @{ type = $_.PSObject.TypeNames[0]; Server = $_.Server } })
  errors = @($failures | ForEach-Object { $_.FullyQualifiedErrorId })
  state = [string]$job.State
}`,
      )
      const [{ job, rows, errors, state }] = told as [NonNullable<(typeof told)[0]>]
      expect(job, stderr).toContain('Job')
      expect(rows.map(({ type, Server }) => `${type} ${Server}`).toSorted()).toEqual([
        'Deserialized.ExRoll.ServerPlan ex-cas-01',
        'Deserialized.ExRoll.ServerPlan ex-hub-01',
        'Deserialized.ExRoll.ServerPlan ex-mbx-01',
      ])
      expect(errors).toEqual(['interim-update,Invoke-ExRoll'])
      expect(state).toBe('Completed')
    })

    it.skipIf(!canWatch).for([
      ['on a terminal, where everything on it gets it', true],
      ['of PowerShell alone', false],
    ] as const)(
      'Ctrl-C %s is the first Ctrl-C: what was started is finished and restored',
      { timeout: limit },
      async ([, all]) => {
        const own = await labUp(['--servers', '3', '--seed', '5', '--time-scale', '60'])
        try {
          const runs = mkdtempSync(join(own.folder, 'runs-'))
          const script = `Import-Module '${moduleFile}'
Invoke-ExRoll '${applyRollup}' '${own.inventory}' -RunsFolder '${runs}' -Set 'rollout.between.soak=0s' -Confirm:$false`
          const words = [...pwsh.words, '-EncodedCommand', Buffer.from(script, 'utf16le').toString('base64')]
          // A process group of its own, as a shell gives it to what runs in its foreground.
          const child = spawn(pwsh.program, words, { cwd: root, detached: true, stdio: 'ignore' })
          const ended = new Promise(done => child.once('exit', done))
          const events = () => readdirSync(runs).flatMap(run => journalOf(join(runs, run)))
          const installs = () => events().filter(event => event.type === 'step.started' && event.step === 'install')
          await expect.poll(() => installs().length, { timeout: 120_000, interval: 100 }).toBeGreaterThan(0)
          const pid = child.pid ?? 0
          if (all) process.kill(-pid, 'SIGINT')
          else for (const shell of shellsOf(pid)) process.kill(shell, 'SIGINT')
          await ended
          const outcomes = events().flatMap(event => (event.type === 'server.finished' ? [event.outcome] : []))
          // How many were started depends on the machine; what was started is patched, and somebody is left.
          expect(new Set(outcomes)).toEqual(new Set(['changed', 'skipped']))
          expect(events().at(-1)).toMatchObject({ type: 'run.finished', exitCode: 5 })
          const { servers } = await own.state()
          expect(Object.values(servers).map(({ tasks }) => tasks)).toEqual([[], [], []])
        } finally {
          await own.end()
        }
      },
    )
  })
})
