import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadFile } from '../../src/scripts/load.js'
import { missingHostReason, runHost } from '../powershell-host/host.js'

const reason = missingHostReason()
const schema = fileURLToPath(new URL('task-schema.xsd', import.meta.url))

/** Checks a definition against the schema, in .NET; prints what is wrong, a line each, and then the definition itself. */
const check = `
$set = [Xml.Schema.XmlSchemaSet]::new()
[void]$set.Add([NullString]::Value, [Environment]::GetEnvironmentVariable('SCHEMA'))
$set.Compile()
$settings = [Xml.XmlReaderSettings]::new()
$settings.ValidationType = 'Schema'
$settings.Schemas.Add($set)
$reader = [Xml.XmlReader]::Create([IO.StringReader]::new($definition), $settings)
$problem = ''
try { while ($reader.Read()) { } } catch { $problem = $_.Exception.GetBaseException().Message }
[Console]::Out.WriteLine((ConvertTo-JsonText (New-Record 'problem' $problem 'definition' $definition)))`

async function definition(arguments_: string, change = ''): Promise<{ problem: string; definition: string }> {
  const script = `${loadFile('shared/Task.ps1', { windowsCalls: loadedJson }).text}\n$definition = Get-TaskXml ${arguments_}\n${change}\n${check}`
  const { stdout, stderr } = await runHost(['-EncodedCommand', Buffer.from(script, 'utf16le').toString('base64')], {
    env: { SCHEMA: schema },
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

/** The definition is text; no Windows call is needed for it. */
const loadedJson = fileURLToPath(new URL('../../ps-scripts/shared/Json.ps1', import.meta.url))

describe.skipIf(reason !== '')(
  reason === '' ? 'the definition of a task' : `the definition of a task (skipped: ${reason})`,
  () => {
    const guard = "'C:\\Windows\\powershell.exe' '-EncodedCommand AAAA' $true 'S-1-5-18'"
    const job = "'C:\\Windows\\powershell.exe' '-EncodedCommand AAAA' $false 'S-1-5-18'"
    const account = "'C:\\Windows\\powershell.exe' '-EncodedCommand AAAA' $false 'S-1-5-21-1-2-3-1109'"

    it('has the elements, the order and the limits of MS-TSCH, for the guard, for the job and for that of a named account', async () => {
      expect((await definition(guard)).problem).toBe('')
      expect((await definition(job)).problem).toBe('')
      expect((await definition(account)).problem).toBe('')
    })

    it('logs a named account on with its password, with the highest run level, and SYSTEM without one', async () => {
      expect((await definition(account)).definition).toContain(
        '<Principal id="Author"><UserId>S-1-5-21-1-2-3-1109</UserId><LogonType>Password</LogonType><RunLevel>HighestAvailable</RunLevel></Principal>',
      )
      expect((await definition(job)).definition).not.toContain('LogonType')
    })

    it.each([
      [
        'an element that is unknown',
        "$definition = $definition.Replace('<Hidden>', '<Hiden>').Replace('</Hidden>', '</Hiden>')",
      ],
      [
        'elements in another order',
        "$definition = $definition.Replace('<Enabled>true</Enabled><StartBoundary>2000-01-01T00:00:00</StartBoundary>', '<StartBoundary>2000-01-01T00:00:00</StartBoundary><Enabled>true</Enabled>')",
      ],
      ['a repetition that is too short', "$definition = $definition.Replace('PT5M', 'PT30S')"],
      ['a priority that is none', "$definition = $definition.Replace('<Priority>4<', '<Priority>11<')"],
    ])('would be refused with %s', async (_, change) => {
      expect((await definition(guard, change)).problem).not.toBe('')
    })

    it('runs as SYSTEM with full rights, above the default priority, without a limit, one at a time, on batteries too', async () => {
      const { definition: text } = await definition(guard)
      for (const part of [
        '<UserId>S-1-5-18</UserId>',
        '<RunLevel>HighestAvailable</RunLevel>',
        '<Priority>4</Priority>',
        '<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
        '<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
        '<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
        '<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
        '<RunOnlyIfIdle>false</RunOnlyIfIdle>',
        '<BootTrigger>',
        '<Interval>PT5M</Interval>',
      ]) {
        expect(text).toContain(part)
      }
      expect((await definition(job)).definition).not.toContain('Trigger>')
    })
  },
)
