import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyRollup, exroll, type LabProcess, labUp } from '../journeys/exroll.js'
import { canWatch, filesWith, formsOf, watchProcesses } from '../process-watch.js'
import { inShell, shells, startShell } from './shells.js'

const found = shells()
const commands = [
  'Get-ExRollFact',
  'Get-ExRollRun',
  'Invoke-ExRoll',
  'Read-ExRollLog',
  'Restore-ExRollSetting',
  'Resume-ExRoll',
  'Show-ExRollDashboard',
  'Test-ExRollInventory',
]

interface ServerRow {
  type: string
  Server: string
  Outcome: string
  Cause: string | null
  Settings: { Setting: string; From: unknown; To: unknown; Change: string }[]
}

/** Everything a call gave: objects, errors as data, and the exit code. */
const gather = (call: string) => `
$failures = @()
$rows = @(${call} -ErrorVariable +failures -ErrorAction SilentlyContinue)
Write-Test @{
  rows = @($rows | ForEach-Object { @{ type = $_.PSObject.TypeNames[0]; Server = $_.Server; Outcome = $_.Outcome; Cause = $_.Cause; Settings = $_.Settings } })
  errors = @($failures | ForEach-Object { @{ id = $_.FullyQualifiedErrorId; category = [string]$_.CategoryInfo.Category; target = [string]$_.TargetObject.Server; text = [string]$_ } })
  exit = $global:LASTEXITCODE
}`

interface Gathered {
  rows: ServerRow[]
  errors: { id: string; category: string; target: string; text: string }[]
  exit: number
}

describe.skipIf(found.length === 0)(
  'the module ExRoll (no PowerShell here: neither pwsh nor the tests’ engine)',
  () => {
    let lab: LabProcess
    let runs: string
    beforeAll(async () => {
      const faults = ['crl-unreachable@ex-mbx-01', 'interim-update@ex-hub-01'].flatMap(fault => ['--fault', fault])
      lab = await labUp(['--servers', '3', '--seed', '11', '--time-scale', '600', ...faults])
      runs = mkdtempSync(join(lab.folder, 'runs-'))
    })
    afterAll(() => lab?.end())

    describe.each(found)('in $name', shell => {
      const where = (words: string) => `'${applyRollup}' '${lab.inventory}' -RunsFolder '${runs}' ${words}`

      it('exports its commands and nothing else', async () => {
        const { told, stderr } = await inShell<string[]>(
          shell,
          'Write-Test @(Get-Command -Module ExRoll | ForEach-Object { $_.Name })',
        )
        expect(told[0]?.sort(), stderr).toEqual(commands)
      })

      it('-WhatIf is the dry run: a plan a server, and nothing is written on any', async () => {
        const before = await lab.state()
        const { told, stderr } = await inShell<Gathered>(shell, gather(`Invoke-ExRoll ${where('-WhatIf')}`))
        const [{ rows, errors, exit }] = told as [Gathered]
        expect(rows.map(row => [row.type, row.Server, row.Outcome]).sort(), stderr).toEqual([
          ['ExRoll.ServerPlan', 'ex-cas-01', 'changed'],
          ['ExRoll.ServerPlan', 'ex-hub-01', 'blocked'],
          ['ExRoll.ServerPlan', 'ex-mbx-01', 'changed'],
        ])
        expect(rows.find(row => row.Server === 'ex-mbx-01')?.Settings.map(one => one.Change)).toContain('predicted')
        expect(errors).toEqual([
          expect.objectContaining({ id: expect.stringMatching(/^interim-update/), target: 'ex-hub-01' }),
        ])
        expect(exit).toBe(2)
        const after = await lab.state()
        for (const [name, server] of Object.entries(after.servers)) {
          expect(server.digest).toBe(before.servers[name]?.digest)
        }
      })

      it('says what is wrong with an inventory, line by line', async () => {
        const file = join(lab.folder, `broken-${shell.whole}.yaml`)
        writeFileSync(file, 'servers:\n  - { name: a, host: h, roels: [cas], credential: nobody }\n')
        const { told } = await inShell<{
          Valid: boolean
          Problems: { Line: number; Message: string; Instead: string }[]
        }>(shell, `Write-Test (Test-ExRollInventory '${file}')`)
        expect(told[0]).toMatchObject({ Valid: false })
        expect(told[0]?.Problems.map(one => one.Line)).toEqual(expect.arrayContaining([2]))
        for (const problem of told[0]?.Problems ?? []) expect(problem.Instead).not.toBe('')
      })

      it('ends with one terminating error for wrong input, whose id is the code', async () => {
        const { told } = await inShell<{ id: string; exit: number }>(
          shell,
          `try { Invoke-ExRoll ${where("-Limit 'no-such' -WhatIf")} } catch { Write-Test @{ id = $_.FullyQualifiedErrorId; exit = $global:LASTEXITCODE } }`,
        )
        expect(told[0]).toMatchObject({ id: expect.stringMatching(/^[A-Z_]+,Invoke-ExRoll$/), exit: 3 })
      })

      it('gives facts as objects', async () => {
        const { told, stderr } = await inShell<{ Server: string; Build: string }[]>(
          shell,
          `Write-Test @(Get-ExRollFact '${lab.inventory}' -Limit 'role:hub' | ForEach-Object { @{ Server = $_.Server; Build = $_.Build } })`,
        )
        expect(told[0], stderr).toEqual([{ Server: 'ex-hub-01', Build: '8.1.291.9' }])
      })
    })

    it('a real run: a result a server, one error for the one that was blocked, run and logs readable afterwards', async () => {
      const [shell] = found
      if (shell === undefined) return
      const words = `'${applyRollup}' '${lab.inventory}' -RunsFolder '${runs}' -Set 'rollout.max_fail=1' -Confirm:$false`
      const { told, stderr } = await inShell<Gathered>(shell, gather(`Invoke-ExRoll ${words}`))
      const [{ rows, errors, exit }] = told as [Gathered]
      expect(rows.map(row => [row.type, row.Server, row.Outcome]).sort(), stderr).toEqual([
        ['ExRoll.ServerResult', 'ex-cas-01', 'changed'],
        ['ExRoll.ServerResult', 'ex-hub-01', 'blocked'],
        ['ExRoll.ServerResult', 'ex-mbx-01', 'changed'],
      ])
      expect(errors).toEqual([
        expect.objectContaining({
          category: 'PermissionDenied',
          target: 'ex-hub-01',
          text: expect.stringContaining('Uninstall'),
        }),
      ])
      expect(exit).toBe(2)
      const [run = ''] = readdirSync(runs).filter(name => readdirSync(join(runs, name)).includes('plan.json'))
      const after = await inShell<{ State: string; Servers: string[]; Attempts: string[] }>(
        shell,
        `$run = Get-ExRollRun -Run '${run}' -RunsFolder '${runs}'
       $logs = @(Read-ExRollLog '${join(runs, run, 'servers', 'ex-cas-01')}' | Where-Object { $_.Kind -eq 'msi' })
       Write-Test @{ State = $run.State; Servers = @($run.Servers | ForEach-Object { $_.Outcome }); Attempts = @($logs | ForEach-Object { $_.Outcome }) }`,
      )
      expect(after.told[0], after.stderr).toMatchObject({ State: 'failed', Attempts: ['succeeded'] })
      expect(after.told[0]?.Servers.sort()).toEqual(['blocked', 'changed', 'changed'])
    })

    it.skipIf(!canWatch).for([
      ['', false],
      [' of a job', true],
    ] as const)(
      'a credential%s goes over stdin: it is on no command line, in no environment, journal, history, output or file',
      { timeout: 120_000 },
      async ([, asJob]) => {
        const shell = found.find(one => !asJob || one.whole)
        if (shell === undefined) return
        const secret = `S3cret-of-the-module-${asJob}`
        const inventory = join(lab.folder, 'with-prompt.yaml')
        const original = readFileSync(lab.inventory, 'utf8')
        writeFileSync(
          inventory,
          original.replace(/password:\n\s+file: .*|password: \{ file: [^}]*\}/, 'password: { prompt: true }'),
        )
        const home = mkdtempSync(join(lab.folder, 'home-'))
        const tmp = mkdtempSync(join(lab.folder, 'tmp-'))
        const call = `Invoke-ExRoll '${applyRollup}' '${inventory}' -RunsFolder '${runs}' -Credential $credential -Limit ex-cas-01 -WhatIf`
        // On the command line of the test itself it must not stand either: the shell gets it in pieces.
        const characters = [...secret].map(character => character.charCodeAt(0)).join(',')
        const started = startShell(
          shell,
          `$secret = [Security.SecureString]::new(); foreach ($code in ${characters}) { $secret.AppendChar([char]$code) }
         $credential = [Management.Automation.PSCredential]::new('EXLAB\\exadmin', $secret)
         ${gather(asJob ? `${call} -AsJob | Receive-Job -Wait` : call)}`,
          { env: { HOME: home, TMPDIR: tmp, DEBUG: '*', NODE_DEBUG: 'child_process,stream,net,timer' } },
        )
        const watch = watchProcesses(started.pid)
        const { told, stdout, stderr } = await started.answer<Gathered>()
        const seen = watch.stop()
        // The password is wrong on purpose: what comes back is an error about it, which must not hold it.
        expect(told[0]?.rows, stderr).toEqual([
          expect.objectContaining({ Server: 'ex-cas-01', Outcome: 'unreachable' }),
        ])
        expect(told[0]?.errors[0]).toMatchObject({ category: 'ConnectionError' })
        expect(seen.some(({ argv }) => argv.includes('--hosted'))).toBe(true)
        for (const form of formsOf(secret)) {
          for (const { argv, environment } of seen) expect(argv + environment).not.toContain(form)
          expect(stdout + stderr).not.toContain(form)
        }
        expect([home, tmp, runs].flatMap(folder => filesWith(folder, formsOf(secret)))).toEqual([])
      },
    )
  },
)

const whole = found.find(shell => shell.whole)
describe.skipIf(whole === undefined)('the module ExRoll in a whole PowerShell (no pwsh here)', () => {
  const pwsh = whole as NonNullable<typeof whole>

  it('has a manifest that PowerShell accepts', async () => {
    const { told, stderr } = await inShell<{ name: string; functions: string[] }>(
      pwsh,
      `$m = Test-ModuleManifest (Get-Module ExRoll).Path.Replace('.psm1', '.psd1'); Write-Test @{ name = $m.Name; functions = @($m.ExportedFunctions.Keys) }`,
    )
    expect(told[0]?.name, stderr).toBe('ExRoll')
    expect(told[0]?.functions.sort()).toEqual(commands)
  })

  it('has help for every command: synopsis, description, every parameter, examples', async () => {
    const { told, stderr } = await inShell<{ name: string; lacks: string[] }>(
      pwsh,
      `foreach ($command in Get-Command -Module ExRoll) {
        $help = Get-Help $command.Name -Full
        $lacks = @()
        if ([string]$help.Synopsis -eq '' -or ([string]$help.Synopsis).Contains($command.Name + ' [')) { $lacks += 'synopsis' }
        if (-not $help.description) { $lacks += 'description' }
        if (@($help.examples.example).Count -lt 1) { $lacks += 'example' }
        $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
        foreach ($parameter in $command.Parameters.Keys | Where-Object { $common -notcontains $_ }) {
          $text = $help.parameters.parameter | Where-Object name -eq $parameter | ForEach-Object { $_.description.Text }
          if (-not $text) { $lacks += $parameter }
        }
        Write-Test @{ name = $command.Name; lacks = $lacks }
      }`,
    )
    expect(told.map(one => one.name).sort(), stderr).toEqual(commands)
    for (const { name, lacks } of told) expect([name, lacks]).toEqual([name, []])
  })

  it('works by its name from where `exroll module install` put it', async () => {
    const modules = mkdtempSync(join(tmpdir(), 'exroll-installed-'))
    try {
      expect((await exroll(['module', 'install', '--to', modules]).ended).exitCode).toBe(0)
      const { told, stderr } = await inShell<{ path: string; valid: boolean }>(
        pwsh,
        `Write-Test @{ path = (Get-Module ExRoll).Path; valid = (Test-ExRollInventory 'inventory/example.yaml').Valid }`,
        { module: 'ExRoll', env: { PSModulePath: modules } },
      )
      expect(told[0], stderr).toEqual({ path: join(modules, 'ExRoll', 'ExRoll.psm1'), valid: true })
    } finally {
      rmSync(modules, { recursive: true, force: true })
    }
  })

  it('offers inventories, servers, playbooks and runs to the tab key', async () => {
    const folder = mkdtempSync(join(import.meta.dirname, 'completion-'))
    try {
      writeFileSync(
        join(folder, 'fleet.yaml'),
        'credentials: { a: { username: x, agent: true } }\ndefaults: { transport: ssh, credential: a }\nservers:\n  - { name: ex-cas-09, host: h, roles: [cas] }\n',
      )
      const lines = ['-Inventory fl', '-Inventory fleet.yaml -Limit ', '-Playbook my', '-Playbook /']
      const run = join(folder, '.exroll', 'runs', '20261126-010203-abcd')
      mkdirSync(run, { recursive: true })
      writeFileSync(join(folder, 'my-rollup.yaml'), '')
      writeFileSync(join(run, 'journal.ndjson'), '')
      const { told, stderr } = await inShell<string[]>(
        pwsh,
        `foreach ($line in @(${lines.map(words => `'Invoke-ExRoll ${words}'`).join(', ')}, 'Resume-ExRoll -Run 2026')) {
          Write-Test @((TabExpansion2 $line $line.Length).CompletionMatches | ForEach-Object CompletionText)
        }`,
        { cwd: folder },
      )
      expect(told.toSpliced(3, 1), stderr).toEqual([
        ['fleet.yaml'],
        ['ex-cas-09'],
        ['my-rollup.yaml'],
        ['20261126-010203-abcd'],
      ])
      expect(told[3]).toContain(applyRollup)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
