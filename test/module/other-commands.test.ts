import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { applyRollup, exroll, journalOf, type LabProcess, labUp, root } from '../journeys/exroll.js'
import { inShell, type Shell, shells } from './shells.js'

const found = shells()
const limit = 240_000

let lab: LabProcess | undefined
afterEach(async () => {
  await lab?.end()
  lab = undefined
})

describe.skipIf(found.length === 0).each(found)(
  'the other commands of the module, in $name (no PowerShell here: neither pwsh nor the tests’ engine)',
  shell => {
    it('Resume-ExRoll goes on with a run whose program was killed, and asks first', { timeout: limit }, async () => {
      lab = await labUp(['--servers', '2', '--seed', '5', '--time-scale', '60'])
      const runs = mkdtempSync(join(lab.folder, 'runs-'))
      const words = ['--ui', 'ndjson', '--yes', '--runs-dir', runs, '--set', 'rollout.between.soak=0s']
      const killed = exroll(['run', applyRollup, '-i', lab.inventory, ...words])
      await killed.says(/"type":"step.started".*"step":"install"/)
      killed.child.kill('SIGKILL')
      await killed.ended
      const { told, stderr } = await inShell<{ refused: boolean; rows: string[]; state: string; exit: number }>(
        shell,
        `$refused = $false
try { Resume-ExRoll -RunsFolder '${runs}' | ForEach-Object { $_ } } catch { $refused = $true }
$rows = @(Resume-ExRoll -RunsFolder '${runs}' -Confirm:$false | ForEach-Object { $_.Server + ' ' + $_.Outcome + ' ' + $_.Roles[0] + ' ' + $_.Batch + ' ' + [IO.Directory]::Exists($_.LogFolder) })
$exit = $global:LASTEXITCODE
Write-Test @{ refused = $refused; rows = $rows; state = (Get-ExRollRun -RunsFolder '${runs}').State; exit = $exit }`,
      )
      expect(told[0]?.rows.toSorted(), stderr).toEqual([
        'ex-cas-01 changed cas 1 True',
        'ex-mbx-01 changed mailbox 2 True',
      ])
      expect(told[0]).toMatchObject({ refused: true, state: 'ok', exit: 0 })
      const [run = ''] = readdirSync(runs)
      const resumed = journalOf(join(runs, run)).filter(event => event.type === 'control.taken')
      expect(resumed).toHaveLength(1)
      const { servers } = await lab.state()
      expect(Object.values(servers).map(({ installsStarted }) => installsStarted)).toEqual([1, 1])
    })

    it('Restore-ExRollSetting shows with -WhatIf, puts back, and says nothing of a server that is as before', {
      timeout: limit,
    }, async () => {
      lab = await labUp([
        '--servers',
        '2',
        '--seed',
        '11',
        '--time-scale',
        '600',
        '--fault',
        'poisoned-service-state@ex-cas-01',
      ])
      const before = await lab.state()
      const call = `Restore-ExRollSetting '${lab.inventory}' -FromDefaults`
      const told = await restore(shell, `${call} -WhatIf`)
      expect(told).toEqual([{ server: 'ex-cas-01', planned: true, restored: 0, stuck: 0 }])
      expect((await lab.state()).servers['ex-cas-01']?.digest).toBe(before.servers['ex-cas-01']?.digest)
      const [cured] = await restore(shell, `${call} -Confirm:$false`)
      expect(cured).toMatchObject({ server: 'ex-cas-01', stuck: 0 })
      expect(cured?.restored).toBeGreaterThan(0)
      expect(await restore(shell, `${call} -Confirm:$false`)).toEqual([])
    })

    it('Read-ExRollLog takes files from the pipeline, as names or as what Get-ChildItem gives', async () => {
      const logs = join(root, 'test', 'diagnosis', 'logs')
      const names = ['execution-policy.match.log', 'crl-check.match.log']
      const files = names.map(name => `'${join(logs, name)}'`).join(', ')
      const sources = [`@(${files})`, ...(shell.whole ? [`Get-ChildItem ${files}`] : [])]
      for (const source of sources) {
        const { told, stderr } = await inShell<{ cause: string; remedy: boolean }>(
          shell,
          `${source} | Read-ExRollLog | ForEach-Object { Write-Test @{ cause = $_.Cause; remedy = $_.Remedy.Count -gt 0 } }`,
          { cwd: tmpdir() },
        )
        expect(told, stderr).toEqual([
          { cause: 'execution-policy', remedy: true },
          { cause: 'crl-check', remedy: true },
        ])
      }
    })
  },
)

async function restore(shell: Shell, call: string) {
  const { told } = await inShell<{ server: string; planned: boolean; restored: number; stuck: number }>(
    shell,
    `${call} | ForEach-Object { Write-Test @{ server = $_.Server; planned = $_.Planned.Count -gt 0; restored = $_.Restored.Count; stuck = $_.Stuck.Count } }`,
  )
  return told
}
