import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadFile } from '../../src/scripts/load.js'
import { missingHostReason, powershells, runPowerShell } from '../powershell-host/host.js'

const reason = missingHostReason()

/** schtasks /TR of Windows 2003 takes no more (faults.md). */
const longestCommand = 262
/** cmd.exe's longest line. */
const longestLine = 8191
/** The longest name a run may have, and where its folder is on Windows 2003. */
const run = `r${'0'.repeat(79)}`
const folderOf2003 = `C:\\Documents and Settings\\All Users\\Application Data\\exroll\\runs\\${run}`

/** Task calls as on Windows 2003: what they hand to schtasks.exe is written down, and the scheduler's folder is below `windows`. */
const asOn2003 = (windows: string) => `
function Get-OsVersion { return [version]'5.2.3790' }
function Get-WindowsFolder { return '${windows}' }
function Get-SystemProgram([string]$Name) { return 'C:\\WINDOWS\\system32\\' + $Name }
function Invoke-TaskProgram([string]$Words) { [Console]::Out.WriteLine('schtasks ' + $Words) }
`

describe.skipIf(reason !== '')(
  reason === '' ? 'tasks of Windows 2003' : `tasks of Windows 2003 (skipped: ${reason})`,
  () => {
    describe.each(powershells())('in $name', ({ program }) => {
      let folder = ''
      let said: string[] = []

      async function play(script: string): Promise<string[]> {
        const file = join(folder, 'play.ps1')
        writeFileSync(file, [loadFile('shared/Task.ps1').text, asOn2003(folder), script].join('\n'))
        const { stdout, stderr, exitCode } = await runPowerShell(program, ['-NoProfile', '-File', file])
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
        return stdout.split(/\r?\n/).filter(line => line !== '')
      }

      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'exroll-2003-'))
        const argument = `(Get-TaskArgument '${run}' '${folderOf2003}\\guard.ps1' '${'a'.repeat(64)}')`
        said = await play(`
[Console]::Out.WriteLine([string]::Join(' ', @(Register-SystemTask 'exroll-guard-${run}' '' (Get-PowerShellPath) ${argument} '${folder}' $true)))
[Console]::Out.WriteLine([string]::Join(' ', @(Register-SystemTask 'exroll-job-${run}' '' (Get-PowerShellPath) ${argument} '${folder}' $false)))`)
      }, 120_000)
      afterAll(() => rmSync(folder, { recursive: true, force: true }))

      it('have one trigger each: the guard is two, of the start and of every five minutes', () => {
        const created = said.filter(line => line.startsWith('schtasks /Create'))
        expect(created.map(line => /\/SC .*$/.exec(line)?.[0])).toEqual([
          '/SC ONSTART',
          '/SC MINUTE /MO 5',
          '/SC MONTHLY /MO 12',
        ])
        expect(said.filter(line => !line.startsWith('schtasks'))).toEqual([
          `exroll-guard-${run} exroll-guard-${run}-again`,
          `exroll-job-${run}`,
        ])
      })

      it('run as SYSTEM, without a definition, a run level or an answer for what is there already', () => {
        for (const line of said.filter(text => text.startsWith('schtasks /Create'))) {
          expect(line).toContain(' /RU SYSTEM')
          expect(line).not.toMatch(/\/XML|\/RL|\/F\b/)
        }
      })

      it('have a command that fits, with the longest name a run may have', () => {
        for (const line of said.filter(text => text.startsWith('schtasks /Create'))) {
          const command = /\/TR "(.*)" \/RU/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? ''
          expect(command).toMatch(/^".*\.cmd"$/)
          expect(command.replace(folder, folderOf2003).length).toBeLessThan(longestCommand)
        }
      })

      it('run PowerShell from a launcher in the folder of the run, whose line cmd.exe can take', () => {
        for (const name of [`exroll-guard-${run}`, `exroll-job-${run}`]) {
          const launcher = readFileSync(join(folder, `${name}.cmd`), 'latin1')
          expect(launcher).toMatch(/^@"C:\\WINDOWS\\system32\\WindowsPowerShell\\v1\.0\\powershell\.exe" [ -~]+\r\n$/)
          // A percent sign would be cmd.exe's.
          expect(launcher).not.toContain('%')
          expect(launcher.length).toBeLessThan(longestLine)
        }
      })

      it('are both taken away, and nothing that is not there', async () => {
        // The double keeps Windows' backslash in the name of the file.
        mkdirSync(folder, { recursive: true })
        for (const name of ['exroll-guard-r1', 'exroll-guard-r1-again'])
          writeFileSync(join(folder, `Tasks\\${name}.job`), '')
        expect(await play("Unregister-SystemTask 'exroll-guard-r1'\nUnregister-SystemTask 'exroll-guard-r2'")).toEqual([
          'schtasks /Delete /TN "exroll-guard-r1" /F',
          'schtasks /Delete /TN "exroll-guard-r1-again" /F',
        ])
      })
    })
  },
)
